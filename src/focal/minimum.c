/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    minimum: a local minimum of the focal time by the foot [FOCAL-15].

    Newton's method, without proofs, finds the place; Krawczyk's test for grad t* proves that there is one.
*/

#include <string.h>
#include "focal/focal_internal.h"

void caustic_focal_minimum_init(caustic_focal_minimum_t minimum, slong feet)
{
    minimum->feet = feet;
    minimum->at = _arb_vec_init(feet);
    arb_init(minimum->time);
    arb_init(minimum->there);
}

void caustic_focal_minimum_clear(caustic_focal_minimum_t minimum)
{
    _arb_vec_clear(minimum->at, minimum->feet);
    arb_clear(minimum->time);
    arb_clear(minimum->there);
}

typedef struct
{
    const caustic_focal_problem * problem;
    const caustic_interval_struct * box;
    const caustic_focal_options * options;
    slong n;
    caustic_focal_jets * slope;     /* of order 1 */
    caustic_focal_jets * curvature; /* of order 2 */
    arb_ptr x;                      /* where the search is: exact */
    arb_t time;                     /* the focal time there */
    arb_ptr gradient;
    arb_mat_t hessian;
    arb_ptr step;
    caustic_error_t error;          /* what was lacking last */
} search;

/* Bits and digits of a search that proves nothing. */
#define GUESS_BITS 64
#define GUESS_DIGITS 12

static caustic_result search_init(search * s, const caustic_focal_problem * problem, const caustic_interval_struct * box,
    const caustic_focal_options * options, caustic_error_t error)
{
    slong n = problem->dimension;

    memset(s, 0, sizeof(search));
    s->problem = problem;
    s->box = box;
    s->options = options;
    s->n = n;
    s->slope = caustic_focal_jets_new(problem, 1, error);
    s->curvature = s->slope == NULL ? NULL : caustic_focal_jets_new(problem, 2, error);
    s->x = _arb_vec_init(n);
    s->gradient = _arb_vec_init(n);
    s->step = _arb_vec_init(n);
    arb_init(s->time);
    arb_mat_init(s->hessian, n, n);
    caustic_error_init(s->error);
    return s->curvature == NULL ? CAUSTIC_BAD_INPUT : CAUSTIC_OK;
}

static void search_clear(search * s)
{
    caustic_focal_jets_free(s->slope);
    caustic_focal_jets_free(s->curvature);
    _arb_vec_clear(s->x, s->n);
    _arb_vec_clear(s->gradient, s->n);
    _arb_vec_clear(s->step, s->n);
    arb_clear(s->time);
    arb_mat_clear(s->hessian);
    caustic_error_clear(s->error);
}

static void make_exact(arb_ptr x, slong n)
{
    slong k;
    for (k = 0; k < n; k++)
    {
        mag_zero(arb_radref(x + k));
    }
}

/* Steps of one characteristic: where it does not focus in as many, there are better places. */
#define STEPS 300

/* The first focal times from all feet in the balls; 0: not known, or none before the limit, unless that is NULL. */
static int focal_times(arb_t res, search * s, arb_srcptr foot, slong digits, arb_srcptr limit)
{
    caustic_focal_options options = *s->options;
    caustic_focal_t focal;
    int found;

    options.digits = digits;
    options.time_limit = limit;
    options.step_limit = FLINT_MIN(options.step_limit, STEPS);
    options.precision_limit = FLINT_MIN(options.precision_limit, digits > GUESS_DIGITS ? 256 + 14 * digits : 2 * GUESS_BITS);
    caustic_focal_init(focal);
    /* what was found holds, also where it is not known to the digits */
    found = caustic_focal_integrate(focal, s->problem, foot, &options, s->error) == CAUSTIC_OK || focal->found;
    arb_set(res, focal->time);
    caustic_focal_clear(focal);
    return found;
}

/* The search *********************************************************************************/

/* Whether the point lies in the box, its ends excluded. */
static int is_inside(const search * s, arb_srcptr x)
{
    slong k, inside = 1;
    arb_t end;
    arb_init(end);
    for (k = 0; k < s->n && inside; k++)
    {
        arb_set_fmpq(end, s->box[k].lower, 2 * GUESS_BITS + 4 * s->options->digits);
        inside = s->box[k].lower_infinite || arb_gt(x + k, end);
        arb_set_fmpq(end, s->box[k].upper, 2 * GUESS_BITS + 4 * s->options->digits);
        inside = inside && (s->box[k].upper_infinite || arb_lt(x + k, end));
    }
    arb_clear(end);
    return (int) inside;
}

/* step = -(hessian + m)^-1 gradient, with the least m >= 0 tried that makes the matrix positive. */
static int newton_step(search * s)
{
    slong n = s->n, k, round;
    int positive = 0;
    arb_mat_t shifted, right;
    arb_t shift;

    arb_mat_init(shifted, n, n);
    arb_mat_init(right, n, 1);
    arb_init(shift);
    for (round = 0; round < 30 && !positive; round++)
    {
        arb_mat_get_mid(shifted, s->hessian);
        for (k = 0; k < n; k++)
        {
            arb_add(arb_mat_entry(shifted, k, k), arb_mat_entry(shifted, k, k), shift, GUESS_BITS);
        }
        positive = arb_mat_cho(shifted, shifted, GUESS_BITS);
        if (!positive && round == 0)
        {
            arb_mat_frobenius_norm(shift, s->hessian, GUESS_BITS);
            arb_mul_2exp_si(shift, shift, -6);
        }
        else if (!positive)
        {
            arb_mul_2exp_si(shift, shift, 1);
        }
    }
    for (k = 0; k < n; k++)
    {
        arb_neg(arb_mat_entry(right, k, 0), s->gradient + k);
    }
    if (positive)
    {
        arb_mat_solve_cho_precomp(right, shifted, right, 2 * GUESS_BITS + 4 * s->options->digits);
    }
    for (k = 0; k < n; k++)
    {
        arb_get_mid_arb(s->step + k, arb_mat_entry(right, k, 0));
    }
    arb_mat_clear(shifted);
    arb_mat_clear(right);
    arb_clear(shift);
    return positive;
}

#define PARTS 6

/* Moves by the step, or by a part of it, to an earlier focal time inside the box. 0: there is none on the way. */
static int move(search * s)
{
    slong n = s->n, part;
    int moved = 0;
    arb_ptr next = _arb_vec_init(n);
    arb_t time;

    arb_init(time);
    for (part = 0; part < PARTS && !moved; part++)
    {
        _arb_vec_add(next, s->x, s->step, n, GUESS_BITS);
        make_exact(next, n);
        moved = is_inside(s, next) && focal_times(time, s, next, GUESS_DIGITS, s->time)
            && arf_cmp(arb_midref(time), arb_midref(s->time)) < 0;
        _arb_vec_scalar_mul_2exp_si(s->step, s->step, n, -2);
    }
    if (moved)
    {
        _arb_vec_swap(s->x, next, n);
        arb_swap(s->time, time);
    }
    _arb_vec_clear(next, n);
    arb_clear(time);
    return moved;
}

/* Whether the step is below 2^-bits of the place, or of 1. */
static int is_short(const search * s, slong bits)
{
    mag_t size, step;
    int answer;
    mag_init(size);
    mag_init(step);
    _arb_vec_get_mag(size, s->x, s->n);
    mag_add_ui(size, size, 1);
    mag_mul_2exp_si(size, size, -bits);
    _arb_vec_get_mag(step, s->step, s->n);
    answer = mag_cmp(step, size) <= 0;
    mag_clear(size);
    mag_clear(step);
    return answer;
}

#define MOST_STEPS 30

/* Newton's method as long as the focal time becomes earlier. */
static int descend(search * s)
{
    slong steps;
    for (steps = 0; steps < MOST_STEPS; steps++)
    {
        if (!focal_guess_derivatives(s->gradient, s->hessian, s->curvature, s->x, s->time, GUESS_BITS) || !newton_step(s))
        {
            return 0;
        }
        if (is_short(s, 16))
        {
            return 1;
        }
        if (!move(s))
        {
            return is_short(s, 12);
        }
    }
    return 0;
}

/* The last digits: the focal time does not change any more where the gradient still does. */
static int polish(search * s, slong digits)
{
    slong prec = GUESS_BITS + 5 * digits, bits = (slong) (3.33 * (double) digits) + 8, steps;
    for (steps = 0; steps < 8; steps++)
    {
        if (!focal_times(s->time, s, s->x, digits + 4, NULL)
            || !focal_guess_derivatives(s->gradient, s->hessian, s->curvature, s->x, s->time, prec) || !newton_step(s))
        {
            return 0;
        }
        _arb_vec_add(s->x, s->x, s->step, s->n, 2 * prec);
        make_exact(s->x, s->n);
        if (is_short(s, bits))
        {
            return focal_times(s->time, s, s->x, digits + 4, NULL);
        }
    }
    return 0;
}

/* The proof **********************************************************************************/

/* Each gains as many digits as the Hessian has. */
#define CONTRACTIONS 30

/* Krawczyk's test for grad t* on Z = x + radius: offset = -C grad(x) + (1 - C hess(Z)) (Z - x) in the interior of Z - x. */
static int contracts(arb_ptr offset, const search * s, arb_srcptr gradient, const arb_mat_t hessian, arb_srcptr reach, slong prec)
{
    slong n = s->n, i, round;
    int inside;
    arb_mat_t inverse, defect;
    arb_ptr shift = _arb_vec_init(n), next = _arb_vec_init(n);

    arb_mat_init(inverse, n, n);
    arb_mat_init(defect, n, n);
    arb_mat_get_mid(inverse, hessian);
    inside = arb_mat_approx_inv(inverse, inverse, GUESS_BITS);
    arb_mat_mul(defect, inverse, hessian, prec);
    arb_mat_neg(defect, defect);
    for (i = 0; i < n; i++)
    {
        arb_add_ui(arb_mat_entry(defect, i, i), arb_mat_entry(defect, i, i), 1, prec);
    }
    for (i = 0; i < n && inside; i++)
    {
        arb_dot(shift + i, NULL, 0, arb_mat_entry(inverse, i, 0), 1, gradient, 1, n, prec);
        arb_neg(shift + i, shift + i);
        arb_dot(offset + i, shift + i, 0, arb_mat_entry(defect, i, 0), 1, reach, 1, n, prec);
        inside = arb_is_finite(offset + i) && arb_contains_interior(reach + i, offset + i);
    }
    /* the zero is in the offsets: again with these in place of the whole reach */
    for (round = 0; round < CONTRACTIONS && inside; round++)
    {
        for (i = 0; i < n; i++)
        {
            arb_dot(next + i, shift + i, 0, arb_mat_entry(defect, i, 0), 1, offset, 1, n, prec);
        }
        _arb_vec_swap(offset, next, n);
    }
    arb_mat_clear(inverse);
    arb_mat_clear(defect);
    _arb_vec_clear(shift, n);
    _arb_vec_clear(next, n);
    return inside;
}

/* t*(x + offset) by Taylor's formula: t*(x) + grad(x) offset + 1/2 offset hess offset. */
static void time_at_minimum(arb_t res, const search * s, arb_srcptr gradient, const arb_mat_t hessian, arb_srcptr offset, slong prec)
{
    slong n = s->n, i;
    arb_t sum, row;

    arb_init(sum);
    arb_init(row);
    for (i = 0; i < n; i++)
    {
        arb_dot(row, NULL, 0, arb_mat_entry(hessian, i, 0), 1, offset, 1, n, prec);
        arb_addmul(sum, row, offset + i, prec);
    }
    arb_mul_2exp_si(sum, sum, -1);
    arb_dot(sum, sum, 0, gradient, 1, offset, 1, n, prec);
    arb_add(res, s->time, sum, prec);
    arb_clear(sum);
    arb_clear(row);
}

/* What is known around the place found. */
typedef struct
{
    arb_ptr reach;      /* Z - x */
    arb_ptr gradient;   /* at x */
    arb_mat_t hessian;  /* on Z */
    arb_ptr offset;     /* z* - x */
} neighbourhood;

static void neighbourhood_init(neighbourhood * z, slong n)
{
    z->reach = _arb_vec_init(n);
    z->gradient = _arb_vec_init(n);
    z->offset = _arb_vec_init(n);
    arb_mat_init(z->hessian, n, n);
}

static void neighbourhood_clear(neighbourhood * z, slong n)
{
    _arb_vec_clear(z->reach, n);
    _arb_vec_clear(z->gradient, n);
    _arb_vec_clear(z->offset, n);
    arb_mat_clear(z->hessian);
}

/* Z reaches 2^radius to all sides; `more` bits are added to what the digits ask for. */
static int is_minimum(neighbourhood * z, search * s, slong radius, slong more)
{
    slong n = s->n, digits = s->options->digits, prec = GUESS_BITS + more, i;
    int proved;
    arb_ptr around = _arb_vec_init(n), ignored = _arb_vec_init(n);
    arb_t times;

    arb_init(times);
    for (i = 0; i < n; i++)
    {
        mag_set_ui_2exp_si(arb_radref(z->reach + i), 1, radius);
        arb_add(around + i, s->x + i, z->reach + i, 4 * prec + 5 * digits);
    }
    proved = is_inside(s, around) && focal_times(times, s, around, 3, NULL)
        && caustic_focal_derivatives(ignored, z->hessian, s->curvature, around, times, prec, s->error) == CAUSTIC_OK
        && caustic_form_is_positive(NULL, z->hessian, prec) == T_TRUE
        && caustic_focal_derivatives(z->gradient, NULL, s->slope, s->x, s->time, prec + (slong) (3.4 * (double) digits), s->error) == CAUSTIC_OK
        && contracts(z->offset, s, z->gradient, z->hessian, z->reach, 4 * prec + 5 * digits);
    _arb_vec_clear(around, n);
    _arb_vec_clear(ignored, n);
    arb_clear(times);
    return proved;
}

/* The place is known to 10^-digits. */
static int is_placed(const neighbourhood * z, const search * s)
{
    slong digits = s->options->digits;
    int placed;
    mag_t size, error;
    arb_t allowed;

    mag_init(size);
    mag_init(error);
    arb_init(allowed);
    _arb_vec_get_mag(error, z->offset, s->n);
    arb_set_ui(allowed, 10);
    arb_pow_ui(allowed, allowed, (ulong) digits, GUESS_BITS);
    arb_inv(allowed, allowed, GUESS_BITS);
    arb_get_mag_lower(size, allowed);
    placed = mag_cmp(error, size) <= 0;
    mag_clear(size);
    mag_clear(error);
    arb_clear(allowed);
    return placed;
}

/* More bits, and a smaller box, where the jets have lost too many. */
#define ATTEMPTS 3

static int prove(caustic_focal_minimum_t minimum, search * s)
{
    slong n = s->n, digits = s->options->digits, prec = 4 * GUESS_BITS + 5 * digits, round, i;
    int proved = 0, placed = 0;
    neighbourhood z;

    neighbourhood_init(&z, n);
    for (round = 0; round < ATTEMPTS && !placed; round++)
    {
        proved = is_minimum(&z, s, -44 - 40 * round, 64 * round);
        if (proved)
        {
            time_at_minimum(minimum->time, s, z.gradient, z.hessian, z.offset, prec);
            proved = focal_is_narrow(minimum->time, digits) && focal_is_narrow(s->time, digits);
        }
        placed = proved && is_placed(&z, s);
    }
    arb_set(minimum->there, s->time);
    for (i = 0; i < n; i++)
    {
        /* with the midpoint x */
        arb_set(minimum->at + i, s->x + i);
        arb_get_mag(arb_radref(minimum->at + i), z.offset + i);
    }
    neighbourhood_clear(&z, n);
    return proved;
}

/* Where to begin *****************************************************************************/

/* The part of the way from the lower to the upper end; infinite ends are taken at a distance of 2. */
static void place(arb_t res, const caustic_interval_struct * interval, double part)
{
    fmpq_t lower, upper, two;
    arb_t width;

    fmpq_init(lower);
    fmpq_init(upper);
    fmpq_init(two);
    arb_init(width);
    fmpq_set_si(two, 2, 1);
    fmpq_set(lower, interval->lower);
    fmpq_set(upper, interval->upper);
    if (interval->lower_infinite && interval->upper_infinite)
    {
        fmpq_neg(lower, two);
        fmpq_set(upper, two);
    }
    else if (interval->lower_infinite)
    {
        fmpq_sub(lower, upper, two);
    }
    else if (interval->upper_infinite)
    {
        fmpq_add(upper, lower, two);
    }
    fmpq_sub(upper, upper, lower);
    arb_set_fmpq(width, upper, GUESS_BITS);
    arb_set_d(res, part);
    arb_mul(width, width, res, GUESS_BITS);
    arb_set_fmpq(res, lower, GUESS_BITS);
    arb_add(res, res, width, GUESS_BITS);
    mag_zero(arb_radref(res));
    fmpq_clear(lower);
    fmpq_clear(upper);
    fmpq_clear(two);
    arb_clear(width);
}

/* The middle, and points a quarter of the box away from it along each side. */
static void begin_at(search * s, slong which)
{
    slong k;
    for (k = 0; k < s->n; k++)
    {
        place(s->x + k, s->box + k, which == 2 * k + 1 ? 0.25 : which == 2 * k + 2 ? 0.75 : 0.5);
    }
}

/* Descends to a minimum from where the search is, and proves it. */
static int from_here(caustic_focal_minimum_t minimum, search * s)
{
    return descend(s) && polish(s, s->options->digits) && prove(minimum, s);
}

static int from_given_place(caustic_focal_minimum_t minimum, search * s, arb_srcptr start)
{
    _arb_vec_set(s->x, start, s->n);
    make_exact(s->x, s->n);
    return is_inside(s, s->x) && focal_times(s->time, s, s->x, GUESS_DIGITS, NULL) && from_here(minimum, s);
}

/* Descents. */
#define TRIES 3

/* From the places of the box, those that focus early first. */
static int from_all_places(caustic_focal_minimum_t minimum, search * s)
{
    slong places = 2 * s->n + 1, which, tries;
    int proved = 0, left = 1;
    arb_ptr time = _arb_vec_init(places);
    arb_t limit;

    arb_init(limit);
    arb_pos_inf(limit);
    for (which = 0; which < places; which++)
    {
        begin_at(s, which);
        if (!is_inside(s, s->x) || !focal_times(time + which, s, s->x, GUESS_DIGITS, arb_is_finite(limit) ? limit : NULL))
        {
            arb_pos_inf(time + which);
        }
        /* what focuses much later than another place is no place to begin */
        arb_mul_2exp_si(time + which, time + which, 1);
        arb_min(limit, limit, time + which, GUESS_BITS);
        arb_mul_2exp_si(time + which, time + which, -1);
        arb_get_mid_arb(limit, limit);
    }
    for (tries = 0; tries < TRIES && !proved && left; tries++)
    {
        slong earliest = 0;
        for (which = 1; which < places; which++)
        {
            earliest = arf_cmp(arb_midref(time + which), arb_midref(time + earliest)) < 0 ? which : earliest;
        }
        left = arb_is_finite(time + earliest);
        if (left)
        {
            begin_at(s, earliest);
            arb_swap(s->time, time + earliest);
            arb_pos_inf(time + earliest);
            proved = from_here(minimum, s);
        }
    }
    _arb_vec_clear(time, places);
    arb_clear(limit);
    return proved;
}

caustic_result caustic_focal_minimum(caustic_focal_minimum_t minimum, const caustic_focal_problem * problem,
    const caustic_interval_struct * box, arb_srcptr start, const caustic_focal_options * options, caustic_error_t error)
{
    caustic_result status = focal_check(problem, options, error);
    search s;

    if (status != CAUSTIC_OK)
    {
        return status;
    }
    status = search_init(&s, problem, box, options, error);
    if (status == CAUSTIC_OK && !(start == NULL ? from_all_places(minimum, &s) : from_given_place(minimum, &s, start)))
    {
        status = caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0,
            "no isolated minimum of the focal time with a simple kernel was proved inside the box%s%s", s.error->message == NULL ? "" : "; last: ",
            s.error->message == NULL ? "" : s.error->message);
    }
    search_clear(&s);
    return status;
}
