/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    box: the infimum of the first focal times of all characteristics that start in a box of feet, by branch and bound [FOCAL-13].

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

typedef struct
{
    fmpq * lower;   /* feet */
    fmpq * upper;
    arb_t free;     /* exact: no characteristic from the cell focuses in (0, free] */
    slong age;      /* cells made before this one */
} cell_struct;

typedef struct
{
    caustic_focal_box_struct * result;
    focal_characteristic * characteristic;
    slong feet;
    const fmpq * gap;
    slong digits;         /* that the gap stands for */
    slong rays;
    slong steps;          /* of sets; those of rays, which take more variations along, count as several */
    cell_struct * cell;   /* those on which the bound is not yet good enough */
    slong length;
    slong capacity;
    slong made;
    arb_t target;         /* exact: as a lower bound, close enough to result->upper; 0: no upper bound yet */
} division;

void caustic_focal_box_init(caustic_focal_box_t result, slong feet)
{
    result->found = 0;
    result->cells = 0;
    result->feet = feet;
    result->foot = _fmpq_vec_init(feet);
    arb_init(result->lower);
    arb_init(result->upper);
    arb_pos_inf(result->upper);
}

void caustic_focal_box_clear(caustic_focal_box_t result)
{
    _fmpq_vec_clear(result->foot, result->feet);
    arb_clear(result->lower);
    arb_clear(result->upper);
}

/* Cells **************************************************************************************/

static void copy(fmpq * res, const fmpq * from, slong length)
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

/* Balls that contain the cell. */
static void cell_balls(arb_ptr res, const cell_struct * cell, slong feet, slong prec)
{
    slong k;
    arb_t end;
    arb_init(end);
    for (k = 0; k < feet; k++)
    {
        arb_set_fmpq(res + k, cell->lower + k, prec);
        arb_set_fmpq(end, cell->upper + k, prec);
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

/* upper/(1 + gap). */
static void set_target(division * d)
{
    slong prec = 2 * FOCAL_ROUGH + 4 * d->digits;
    arb_t t;
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
            copy(d->result->foot, foot, d->feet);
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
    cell_balls(ball, cell, d->feet, 2 * prec);
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

/* Both halves have the bound of the whole. */
static void halve(division * d, const cell_struct * cell, slong side)
{
    slong half;
    for (half = 0; half < 2; half++)
    {
        cell_struct part;
        cell_init(&part, d);
        copy(part.lower, cell->lower, d->feet);
        copy(part.upper, cell->upper, d->feet);
        arb_set(part.free, cell->free);
        middle((half == 0 ? part.upper : part.lower) + side, cell->lower + side, cell->upper + side);
        keep(d, &part);
    }
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
    if (side < 0)
    {
        keep(d, &cell);
        return d->result->found && d->result->cells == 0;
    }
    halve(d, &cell, side);
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

/* What is left of the box after the search: what was lacking where the bound is least, and the bounds. */
static void leave(division * d, caustic_error_t error)
{
    cell_struct cell;
    if (d->length > 0 && d->result->found)
    {
        cell = take_earliest(d);
        bound_cell(d, &cell, error);
        let_go(d, &cell);
    }
    while (d->length > 0)
    {
        cell = take_earliest(d);
        let_go(d, &cell);
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

caustic_result caustic_focal_box(caustic_focal_box_t result, const caustic_focal_problem * problem, const caustic_interval_struct * box,
    const fmpq_t gap, slong step_limit, caustic_error_t error)
{
    caustic_focal_options options = {NULL, RAY_STEPS, 1, 0};
    caustic_result status = focal_check(problem, &options, error);
    division d;

    if (status != CAUSTIC_OK)
    {
        return status;
    }
    if (fmpq_sgn(gap) <= 0)
    {
        return caustic_error_set(error, CAUSTIC_BAD_INPUT, NULL, 0, 0, "the gap between the bounds of the first focal time is to be positive, it is not");
    }
    if (!is_bounded(box, problem->feet))
    {
        return caustic_error_set(error, CAUSTIC_UNSUPPORTED, NULL, 0, 0, "the box of feet is empty or infinite, and its characteristics are integrated: take a finite box");
    }
    memset(&d, 0, sizeof(division));
    d.result = result;
    d.feet = problem->feet;
    d.gap = gap;
    d.digits = digits_of(gap);
    d.characteristic = focal_characteristic_new(problem, error);
    if (d.characteristic == NULL)
    {
        return CAUSTIC_BAD_INPUT;
    }
    arb_init(d.target);
    divide(&d, box, step_limit, error);
    leave(&d, error);
    status = conclude(&d, error);
    arb_clear(d.target);
    flint_free(d.cell);
    focal_characteristic_free(d.characteristic);
    return status;
}
