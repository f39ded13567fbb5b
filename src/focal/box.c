/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    box: the infimum of the first focal times of all characteristics that start in a box of feet, by branch and bound [FOCAL-13], with all
    digits where minima are known [FOCAL-20].

    A cell is a box of feet. Integrated all at once, its characteristics are proved not to focus up to some time. That of its
    middle, integrated alone, focuses by some time: the least of these is an upper bound of the infimum.
*/

#include <string.h>
#include <flint/fmpq_vec.h>
#include "focal/focal_internal.h"

/* Steps of one integration. */
#define RAY_STEPS 400
#define SET_STEPS 400

/* Steps and cells, as long as no characteristic was seen to focus. */
#define FIRST_RAY_STEPS 60
#define FIRST_CELLS 64

/* More exact than the gap, so that the ray's own error costs no cells. */
#define EXTRA_DIGITS 3

/* The best upper bound comes early, and a ray costs more than a cell. */
#define CELLS_TO_A_RAY 6
#define SET_STEPS_TO_A_RAY 3

/* Bits for sets: few, as their width is what costs. */
#define SET_PRECISION(digits) (32 + 4 * (digits))

/* Divisions across each side: where a well is not known, smaller cells would not do either. */
#define DEEPEST 12

typedef struct
{
    fmpq * lower;   /* feet */
    fmpq * upper;
    arb_t free;     /* exact: no characteristic from the cell focuses in (0, free] */
    slong age;      /* cells made before this one */
    slong depth;    /* divisions that led to it */
} cell_struct;

typedef struct
{
    caustic_focal_box_struct * result;
    focal_characteristic * characteristic;
    slong feet;
    const fmpq * gap;     /* NULL: cells are to be free until the upper bound, and those that are not are in wells */
    slong digits;         /* that the gap stands for */
    slong rays;
    slong steps;          /* of sets; those of rays, which take more variations along, count as several */
    cell_struct * cell;   /* those on which the bound is not yet good enough */
    slong length;
    slong capacity;
    slong made;
    arb_t target;         /* exact: as a lower bound, close enough to result->upper; 0: no upper bound yet */
    const focal_well * well;  /* where the infimum over a part of the box is known */
    slong wells;
} division;

void caustic_focal_box_init(caustic_focal_box_t result, slong feet)
{
    result->found = 0;
    result->cells = 0;
    result->feet = feet;
    result->foot = _fmpq_vec_init(feet);
    result->open = _fmpq_vec_init(feet);
    arb_init(result->lower);
    arb_init(result->upper);
    arb_pos_inf(result->upper);
    arb_init(result->there);
    arb_zero_pm_inf(result->there);
}

void caustic_focal_box_clear(caustic_focal_box_t result)
{
    _fmpq_vec_clear(result->foot, result->feet);
    _fmpq_vec_clear(result->open, result->feet);
    arb_clear(result->lower);
    arb_clear(result->upper);
    arb_clear(result->there);
}

/* Cells **************************************************************************************/

void focal_copy(fmpq * res, const fmpq * from, slong length)
{
    slong k;
    for (k = 0; k < length; k++)
    {
        fmpq_set(res + k, from + k);
    }
}

static void cell_init(cell_struct * cell, division * d)
{
    cell->lower = _fmpq_vec_init(d->feet);
    cell->upper = _fmpq_vec_init(d->feet);
    arb_init(cell->free);
    cell->age = d->made++;
    cell->depth = 0;
}

static void cell_clear(cell_struct * cell, slong feet)
{
    _fmpq_vec_clear(cell->lower, feet);
    _fmpq_vec_clear(cell->upper, feet);
    arb_clear(cell->free);
}

static void middle(fmpq_t res, const fmpq_t lower, const fmpq_t upper)
{
    fmpq_add(res, lower, upper);
    fmpq_div_2exp(res, res, 1);
}

void focal_box_balls(arb_ptr res, const fmpq * lower, const fmpq * upper, slong feet, slong prec)
{
    slong k;
    arb_t end;
    arb_init(end);
    for (k = 0; k < feet; k++)
    {
        arb_set_fmpq(res + k, lower + k, prec);
        arb_set_fmpq(end, upper + k, prec);
        arb_union(res + k, res + k, end, prec);
    }
    arb_clear(end);
}

/* Where the cell is longest; -1: it is a point. */
static slong longest_side(const cell_struct * cell, slong feet)
{
    slong k, longest = -1;
    fmpq_t length, most;
    fmpq_init(length);
    fmpq_init(most);
    for (k = 0; k < feet; k++)
    {
        fmpq_sub(length, cell->upper + k, cell->lower + k);
        if (fmpq_cmp(length, most) > 0)
        {
            fmpq_swap(length, most);
            longest = k;
        }
    }
    fmpq_clear(length);
    fmpq_clear(most);
    return longest;
}

/* Bounds *************************************************************************************/

/* upper/(1 + gap); around wells upper itself. */
static void set_target(division * d)
{
    slong prec = 2 * FOCAL_ROUGH + 4 * d->digits;
    arb_t t;
    if (d->gap == NULL)
    {
        arb_set(d->target, d->result->upper);
        return;
    }
    arb_init(t);
    arb_set_fmpq(t, d->gap, prec);
    arb_add_ui(t, t, 1, prec);
    arb_div(t, d->result->upper, t, prec);
    arb_get_lbound_arf(arb_midref(d->target), t, prec);
    arb_clear(t);
}

/* The characteristic from the foot: its focal time bounds the infimum from above, if it is the earliest so far. */
static void try_foot(division * d, const fmpq * foot)
{
    caustic_focal_options options = {NULL, FIRST_RAY_STEPS, d->digits + EXTRA_DIGITS, 0};
    slong k, prec = FLINT_MAX(FOCAL_ROUGH, SET_PRECISION(d->digits + EXTRA_DIGITS));
    arb_ptr ball = _arb_vec_init(d->feet);
    caustic_focal_t focal;
    caustic_error_t error;
    arb_t upper;

    options.precision_limit = prec;
    if (d->result->found)
    {
        options.time_limit = d->result->upper;
        options.step_limit = RAY_STEPS;
    }
    caustic_focal_init(focal);
    arb_init(upper);
    for (k = 0; k < d->feet; k++)
    {
        arb_set_fmpq(ball + k, foot + k, prec);
    }
    /* what it proves is in `focal`, whether it came to the digits or not */
    caustic_error_init(error);
    (void) focal_characteristic_integrate(focal, d->characteristic, ball, &options, error);
    caustic_error_clear(error);
    d->rays++;
    d->steps += SET_STEPS_TO_A_RAY * focal->steps;
    if (focal->found)
    {
        arb_get_ubound_arf(arb_midref(upper), focal->time, prec);
        if (arb_lt(upper, d->result->upper))
        {
            d->result->found = 1;
            arb_swap(d->result->upper, upper);
            focal_copy(d->result->foot, foot, d->feet);
            arb_set(d->result->there, focal->time);
            set_target(d);
        }
    }
    caustic_focal_clear(focal);
    arb_clear(upper);
    _arb_vec_clear(ball, d->feet);
}

static void try_middle(division * d, const cell_struct * cell)
{
    slong k;
    fmpq * foot = _fmpq_vec_init(d->feet);
    for (k = 0; k < d->feet; k++)
    {
        middle(foot + k, cell->lower + k, cell->upper + k);
    }
    try_foot(d, foot);
    _fmpq_vec_clear(foot, d->feet);
}

/* A later bound for the cell, where one can be had. What else is known of the feet of a cell would be made use of here. */
static void bound_cell(division * d, cell_struct * cell, caustic_error_t error)
{
    slong steps, prec = SET_PRECISION(d->digits);
    arb_ptr ball = _arb_vec_init(d->feet);
    arb_t free;

    arb_init(free);
    focal_box_balls(ball, cell->lower, cell->upper, d->feet, 2 * prec);
    (void) focal_set_is_free(free, &steps, d->characteristic, ball, d->target, SET_STEPS, prec, error);
    if (arb_gt(free, cell->free))
    {
        arb_swap(cell->free, free);
    }
    d->result->cells++;
    d->steps += 1 + steps;
    arb_clear(free);
    _arb_vec_clear(ball, d->feet);
}

/* Division ***********************************************************************************/

/* The infimum is not known to be later than what is free of the cell, which is not looked at any more. */
static void let_go(division * d, cell_struct * cell)
{
    if (arb_lt(cell->free, d->result->lower))
    {
        arb_set(d->result->lower, cell->free);
    }
    cell_clear(cell, d->feet);
}

static void keep(division * d, const cell_struct * cell)
{
    if (d->length == d->capacity)
    {
        d->capacity = 2 * d->capacity + 8;
        d->cell = flint_realloc(d->cell, sizeof(cell_struct) * (size_t) d->capacity);
    }
    d->cell[d->length++] = *cell;
}

static int precedes(const cell_struct * a, const cell_struct * b)
{
    int order = arf_cmp(arb_midref(a->free), arb_midref(b->free));
    return order < 0 || (order == 0 && a->age < b->age);
}

/* Takes out the cell with the least bound, the oldest of them: as long as there are no bounds, the largest. */
static cell_struct take_earliest(division * d)
{
    slong i, least = 0;
    cell_struct cell;
    for (i = 1; i < d->length; i++)
    {
        if (precedes(d->cell + i, d->cell + least))
        {
            least = i;
        }
    }
    cell = d->cell[least];
    d->cell[least] = d->cell[--d->length];
    return cell;
}

/* Wells **************************************************************************************/

/* 1: the cell lies in the well; 0: it meets its interior; -1: it does not. */
static int position(const cell_struct * cell, const focal_well * well, slong feet)
{
    slong k;
    int inside = 1;
    for (k = 0; k < feet; k++)
    {
        if (fmpq_cmp(cell->upper + k, well->lower + k) <= 0 || fmpq_cmp(cell->lower + k, well->upper + k) >= 0)
        {
            return -1;
        }
        inside = inside && fmpq_cmp(cell->lower + k, well->lower + k) >= 0 && fmpq_cmp(cell->upper + k, well->upper + k) <= 0;
    }
    return inside;
}

static int is_in_well(const division * d, const cell_struct * cell)
{
    slong i;
    for (i = 0; i < d->wells; i++)
    {
        if (position(cell, d->well + i, d->feet) == 1)
        {
            return 1;
        }
    }
    return 0;
}

static int is_between(const fmpq_t x, const fmpq_t lower, const fmpq_t upper)
{
    return fmpq_cmp(x, lower) > 0 && fmpq_cmp(x, upper) < 0;
}

/* Where the cell is divided: along a side of a well that it meets, else in the middle of the longest side. */
static slong cut(fmpq_t where, const division * d, const cell_struct * cell, slong longest)
{
    slong i, k;
    for (i = 0; i < d->wells; i++)
    {
        for (k = 0; k < d->feet && position(cell, d->well + i, d->feet) == 0; k++)
        {
            const fmpq * lower = d->well[i].lower + k, * upper = d->well[i].upper + k;
            if (is_between(lower, cell->lower + k, cell->upper + k))
            {
                fmpq_set(where, lower);
                return k;
            }
            if (is_between(upper, cell->lower + k, cell->upper + k))
            {
                fmpq_set(where, upper);
                return k;
            }
        }
    }
    middle(where, cell->lower + longest, cell->upper + longest);
    return longest;
}

/* Both parts have the bound of the whole. */
static void divide_cell(division * d, const cell_struct * cell, slong longest)
{
    slong half, side;
    fmpq_t where;
    fmpq_init(where);
    side = cut(where, d, cell, longest);
    for (half = 0; half < 2; half++)
    {
        cell_struct part;
        cell_init(&part, d);
        focal_copy(part.lower, cell->lower, d->feet);
        focal_copy(part.upper, cell->upper, d->feet);
        arb_set(part.free, cell->free);
        part.depth = cell->depth + 1;
        fmpq_set((half == 0 ? part.upper : part.lower) + side, where);
        keep(d, &part);
    }
    fmpq_clear(where);
}

static int is_good(const division * d, const cell_struct * cell)
{
    return d->result->found && arb_ge(cell->free, d->target);
}

/* The cells so far cover the box. Looks at the first one, and halves it where its bound is not good enough. 0: that cannot be. */
static int look(division * d, caustic_error_t error)
{
    cell_struct cell = take_earliest(d);
    slong side = longest_side(&cell, d->feet);

    if (is_in_well(d, &cell))
    {
        cell_clear(&cell, d->feet);
        return 1;
    }
    if (d->result->found && !is_good(d, &cell))
    {
        bound_cell(d, &cell, error);
    }
    if (!is_good(d, &cell) && (!d->result->found || CELLS_TO_A_RAY * d->rays <= d->result->cells))
    {
        try_middle(d, &cell);
    }
    if (is_good(d, &cell))
    {
        let_go(d, &cell);
        return 1;
    }
    if (side < 0 || (d->wells > 0 && cell.depth > DEEPEST * d->feet))
    {
        keep(d, &cell);
        return d->result->found && d->result->cells == 0;
    }
    divide_cell(d, &cell, side);
    cell_clear(&cell, d->feet);
    return 1;
}

static void divide(division * d, const caustic_interval_struct * box, slong step_limit, caustic_error_t error)
{
    slong k;
    cell_struct whole;

    cell_init(&whole, d);
    for (k = 0; k < d->feet; k++)
    {
        fmpq_set(whole.lower + k, box[k].lower);
        fmpq_set(whole.upper + k, box[k].upper);
    }
    keep(d, &whole);
    arb_pos_inf(d->result->lower);
    while (d->length > 0 && d->steps < step_limit && (d->result->found || d->rays < FIRST_CELLS) && look(d, error))
    {
    }
}

/* At most the lower end of the time. */
static void lower_to(arb_t lower, const arb_t time)
{
    arb_t end;
    arb_init(end);
    arb_get_lbound_arf(arb_midref(end), time, ARF_PREC_EXACT);
    if (arb_lt(end, lower))
    {
        arb_swap(lower, end);
    }
    arb_clear(end);
}

/* What is left of the box after the search: what was lacking where the bound is least, and the bounds. */
static void leave(division * d, caustic_error_t error)
{
    cell_struct cell;
    slong i, k;
    if (d->length > 0 && d->result->found)
    {
        cell = take_earliest(d);
        for (k = 0; k < d->feet; k++)
        {
            middle(d->result->open + k, cell.lower + k, cell.upper + k);
        }
        bound_cell(d, &cell, error);
        let_go(d, &cell);
    }
    while (d->length > 0)
    {
        cell = take_earliest(d);
        let_go(d, &cell);
    }
    for (i = 0; i < d->wells; i++)
    {
        lower_to(d->result->lower, d->well[i].time);
    }
    if (!d->result->found)
    {
        arb_zero(d->result->lower);
    }
}

static int is_bounded(const caustic_interval_struct * box, slong feet)
{
    slong k;
    for (k = 0; k < feet; k++)
    {
        if (box[k].lower_infinite || box[k].upper_infinite || fmpq_cmp(box[k].lower, box[k].upper) > 0)
        {
            return 0;
        }
    }
    return 1;
}

static caustic_result conclude(const division * d, caustic_error_t error)
{
    const caustic_focal_box_struct * result = d->result;
    caustic_result status;
    char * lacking;

    if (!result->found)
    {
        return caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0, "none of the characteristics from %ld places of the box was seen to focus"
            " inside the domain", (long) d->rays);
    }
    if (arb_ge(result->lower, d->target))
    {
        caustic_error_clear(error);
        caustic_error_init(error);
        return CAUSTIC_OK;
    }
    lacking = caustic_string_copy(error->message);
    status = caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0, "the bracket is not narrow enough after %ld parts of the box and %ld rays;"
        " where its lower end comes from: %s; a smaller box or fewer digits may do", (long) result->cells, (long) d->rays, lacking);
    flint_free(lacking);
    return status;
}

/* The least n with 10^-n <= gap, or 1. */
static slong digits_of(const fmpq_t gap)
{
    slong digits = 0;
    fmpq_t power;
    fmpq_init(power);
    fmpq_one(power);
    do
    {
        digits++;
        fmpz_mul_ui(fmpq_denref(power), fmpq_denref(power), 10);
    }
    while (fmpq_cmp(power, gap) > 0);
    fmpq_clear(power);
    return digits;
}

static caustic_result check_box(const caustic_focal_problem * problem, const caustic_interval_struct * box, caustic_error_t error)
{
    caustic_focal_options options = {NULL, RAY_STEPS, 1, 0};
    caustic_result status = focal_check(problem, &options, error);
    if (status == CAUSTIC_OK && !is_bounded(box, problem->feet))
    {
        status = caustic_error_set(error, CAUSTIC_UNSUPPORTED, NULL, 0, 0, "the box of feet is empty or infinite, and its characteristics are integrated: take a finite box");
    }
    return status;
}

/* The search, with what the division says. */
static caustic_result search(division * d, const caustic_focal_problem * problem, const caustic_interval_struct * box, slong step_limit,
    caustic_error_t error)
{
    caustic_result status;
    d->feet = problem->feet;
    d->characteristic = focal_characteristic_new(problem, error);
    if (d->characteristic == NULL)
    {
        return CAUSTIC_BAD_INPUT;
    }
    focal_characteristic_prepare_sets(d->characteristic);
    divide(d, box, step_limit, error);
    status = d->gap == NULL && d->length == 0 ? CAUSTIC_OK : CAUSTIC_NO_RESOURCES;
    leave(d, error);
    if (d->gap != NULL || status != CAUSTIC_OK)
    {
        status = conclude(d, error);
    }
    flint_free(d->cell);
    focal_characteristic_free(d->characteristic);
    return status;
}

caustic_result caustic_focal_box(caustic_focal_box_t result, const caustic_focal_problem * problem, const caustic_interval_struct * box,
    const fmpq_t gap, slong step_limit, caustic_error_t error)
{
    caustic_result status = check_box(problem, box, error);
    division d;

    if (status != CAUSTIC_OK)
    {
        return status;
    }
    if (fmpq_sgn(gap) <= 0)
    {
        return caustic_error_set(error, CAUSTIC_BAD_INPUT, NULL, 0, 0, "the gap between the bounds of the first focal time is to be positive, it is not");
    }
    memset(&d, 0, sizeof(division));
    d.result = result;
    d.gap = gap;
    d.digits = digits_of(gap);
    arb_init(d.target);
    status = search(&d, problem, box, step_limit, error);
    arb_clear(d.target);
    return status;
}

/* Of the cells around wells: what they need not be told apart from the upper bound. */
#define DIGITS_AROUND 4

/* The upper bound of a minimum, and of the characteristic from the middle of its balls. */
static void begin_with(division * d, const caustic_focal_minimum_struct * minimum)
{
    slong k;
    arb_t upper, there;
    arb_init(upper);
    arb_init(there);
    arb_get_ubound_arf(arb_midref(upper), minimum->time, ARF_PREC_EXACT);
    arb_get_ubound_arf(arb_midref(there), minimum->there, ARF_PREC_EXACT);
    if (arb_lt(upper, there))
    {
        arb_swap(upper, there);
    }
    if (arb_lt(upper, d->result->upper))
    {
        d->result->found = 1;
        arb_swap(d->result->upper, upper);
        for (k = 0; k < minimum->feet; k++)
        {
            arf_get_fmpq(d->result->foot + k, arb_midref(minimum->at + k));
        }
        set_target(d);
    }
    arb_clear(upper);
    arb_clear(there);
}

caustic_result caustic_focal_box_around(caustic_focal_box_t result, const caustic_focal_problem * problem, const caustic_interval_struct * box,
    const caustic_focal_minimum_struct * minimum, slong minima, slong step_limit, caustic_error_t error)
{
    caustic_result status = check_box(problem, box, error);
    slong i;
    focal_well * well;
    division d;

    if (status != CAUSTIC_OK)
    {
        return status;
    }
    memset(&d, 0, sizeof(division));
    d.result = result;
    d.digits = DIGITS_AROUND;
    arb_init(d.target);
    d.well = well = flint_malloc(sizeof(focal_well) * (size_t) (minima + 1));
    for (i = 0; i < minima; i++)
    {
        focal_well_init(well + d.wells, problem->feet);
        begin_with(&d, minimum + i);
        if (focal_well_find(well + d.wells, problem, box, minimum + i))
        {
            d.wells++;
        }
        else
        {
            focal_well_clear(well + d.wells, problem->feet);
        }
    }
    if (d.wells == minima && minima > 0)
    {
        status = search(&d, problem, box, step_limit, error);
    }
    else
    {
        status = caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0, "the focal time is not seen to be convex around its minimum");
    }
    for (i = 0; i < d.wells; i++)
    {
        focal_well_clear(well + i, problem->feet);
    }
    flint_free(well);
    arb_clear(d.target);
    return status;
}
