/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    spectral: the checks for losses -2 nu log p with a polynomial p, in any dimension. The residuals vanish
    identically where phi > 0 [RESIDUAL-8]; that phi > 0 is proved on the whole box, and jets that know nothing
    of the equation must agree at points.
*/

#include <string.h>
#include "base/ball.h"
#include "solution.h"

#define PREC 128           /* of bounds that need not be sharp */
#define TIME_SLICES 16
#define BOXES_LIMIT 50000
#define BOXES_AT_LEAST 500
#define WORK_LIMIT 1e8     /* of boxes times their cost */
#define HALVINGS_LIMIT 30  /* of a time slice */

typedef struct
{
    caustic_spectral_t space;
    caustic_expr density;
    int is_loss;               /* density > 0 on the whole quotient is proved: -2 nu log of it is a function there */
}
form_struct;

static const form_struct *
form_of(const solution_t spectral)
{
    return spectral->data;
}

static const caustic_spectral_struct *
space_of(const solution_t spectral)
{
    return form_of(spectral)->space;
}

/* nu t as a ball. */
static void
scaled_time(arb_t res, const solution_t spectral, const fmpq_t t, slong prec)
{
    fmpq_t product;

    fmpq_init(product);
    fmpq_mul(product, spectral->viscosity, t);
    arb_set_fmpq(res, product, prec);
    fmpq_clear(product);
}

/* The derivatives of phi: in z by polynomials, in t from values on a circle. */
static void
derivatives_of_phi(derivatives_t phi, const solution_t spectral, arb_srcptr z, const fmpq_t t, slong prec)
{
    slong d = spectral->dimension, m = space_of(spectral)->length;
    arb_ptr amplitudes = _arb_vec_init(m), slopes = _arb_vec_init(m);
    arb_t time, nu;

    arb_init(time);
    arb_init(nu);
    scaled_time(time, spectral, t, prec);
    arb_set_fmpq(nu, spectral->viscosity, prec);
    caustic_spectral_amplitudes(amplitudes, space_of(spectral), time, prec);
    caustic_spectral_slopes(slopes, space_of(spectral), time, prec);
    _arb_vec_scalar_mul(slopes, slopes, m, nu, prec);

    caustic_spectral_evaluate(phi->value, space_of(spectral), amplitudes, NULL, 0, z, prec);
    caustic_spectral_evaluate(phi->time, space_of(spectral), slopes, NULL, 0, z, prec);

    for (slong i = 0; i < d; i++)
    {
        slong index[3] = {i, 0, 0};

        caustic_spectral_evaluate(phi->first + i, space_of(spectral), amplitudes, index, 1, z, prec);
        caustic_spectral_evaluate(phi->time_first + i, space_of(spectral), slopes, index, 1, z, prec);
        for (index[1] = i; index[1] < d; index[1]++)
        {
            arb_ptr second = phi->second + i * d + index[1];

            caustic_spectral_evaluate(second, space_of(spectral), amplitudes, index, 2, z, prec);
            arb_set(phi->second + index[1] * d + i, second);
            for (index[2] = index[1]; index[2] < d; index[2]++)
            {
                slong j = index[1], k = index[2];
                arb_ptr third = phi->third + (i * d + j) * d + k;

                caustic_spectral_evaluate(third, space_of(spectral), amplitudes, index, 3, z, prec);
                arb_set(phi->third + (i * d + k) * d + j, third);
                arb_set(phi->third + (j * d + i) * d + k, third);
                arb_set(phi->third + (j * d + k) * d + i, third);
                arb_set(phi->third + (k * d + i) * d + j, third);
                arb_set(phi->third + (k * d + j) * d + i, third);
            }
        }
    }

    arb_clear(time);
    arb_clear(nu);
    _arb_vec_clear(amplitudes, m);
    _arb_vec_clear(slopes, m);
}

/* phi > 0 ************************************************************************************/

/* phi on a box, for amplitudes that cover a slice of time: the range of the value, met with the mean value form. */
static void
range_of_phi(arb_t res, const solution_t spectral, arb_srcptr amplitudes, arb_srcptr box)
{
    slong d = spectral->dimension;
    arb_ptr centre = _arb_vec_init(d);
    arb_t slope, distance, mean;

    arb_init(slope);
    arb_init(distance);
    arb_init(mean);
    for (slong i = 0; i < d; i++)
        arb_set_arf(centre + i, arb_midref(box + i));

    caustic_spectral_evaluate(res, space_of(spectral), amplitudes, NULL, 0, box, PREC);
    caustic_spectral_evaluate(mean, space_of(spectral), amplitudes, NULL, 0, centre, PREC);
    for (slong i = 0; i < d; i++)
    {
        caustic_spectral_evaluate(slope, space_of(spectral), amplitudes, &i, 1, box, PREC);
        arb_sub(distance, box + i, centre + i, PREC);
        arb_addmul(mean, slope, distance, PREC);
    }
    if (!arb_intersection(res, res, mean, PREC))
        arb_set(res, mean);

    arb_clear(slope);
    arb_clear(distance);
    arb_clear(mean);
    _arb_vec_clear(centre, d);
}

/* A stack of boxes yet to be seen; d balls each. */
typedef struct
{
    arb_ptr balls;
    slong length, capacity, dimension;
}
stack_struct;

static void
push_box(stack_struct * stack, arb_srcptr box)
{
    slong d = stack->dimension;

    if (stack->length == stack->capacity)
    {
        slong capacity = 2 * stack->capacity + 64;

        stack->balls = flint_realloc(stack->balls, (size_t) (capacity * d) * sizeof(arb_struct));
        for (slong i = stack->capacity * d; i < capacity * d; i++)
            arb_init(stack->balls + i);
        stack->capacity = capacity;
    }
    for (slong i = 0; i < d; i++)
        arb_set(stack->balls + stack->length * d + i, box + i);
    stack->length++;
}

static void
clear_stack(stack_struct * stack)
{
    for (slong i = 0; i < stack->capacity * stack->dimension; i++)
        arb_clear(stack->balls + i);
    flint_free(stack->balls);
}

/* Halves the widest side. */
static void
push_halves(stack_struct * stack, arb_ptr box)
{
    slong widest = 0;
    arf_t middle;
    mag_t radius;

    for (slong i = 1; i < stack->dimension; i++)
        if (mag_cmp(arb_radref(box + i), arb_radref(box + widest)) > 0)
            widest = i;

    arf_init(middle);
    mag_init(radius);
    arf_set(middle, arb_midref(box + widest));
    mag_mul_2exp_si(radius, arb_radref(box + widest), -1);
    for (int side = -1; side <= 1; side += 2)
    {
        arf_t shift;

        /* The halves of [m - r, m + r] have midpoints m -+ r/2, exactly, and radius r/2. */
        arf_init(shift);
        arf_set_mag(shift, radius);
        if (side < 0)
            arf_neg(shift, shift);
        arf_add(arb_midref(box + widest), middle, shift, ARF_PREC_EXACT, ARF_RND_DOWN);
        mag_set(arb_radref(box + widest), radius);
        push_box(stack, box);
        arf_clear(shift);
    }
    arf_clear(middle);
    mag_clear(radius);
}

static void
ball_of(arb_t res, const caustic_interval_struct * interval)
{
    arb_t end;

    arb_init(end);
    arb_set_fmpq(res, interval->lower, PREC);
    arb_set_fmpq(end, interval->upper, PREC);
    arb_union(res, res, end, PREC);
    arb_clear(end);
}

/* The slice `slice` of the times, times nu. */
static void
time_slice(arb_t res, const solution_t spectral, slong slice)
{
    const caustic_interval_struct * time = spectral->options->time;
    fmpq_t width, end;
    arb_t other;

    fmpq_init(width);
    fmpq_init(end);
    arb_init(other);
    fmpq_sub(width, time->upper, time->lower);
    fmpq_div_2exp(width, width, FLINT_BIT_COUNT(TIME_SLICES) - 1);
    fmpq_set_si(end, slice, 1);
    fmpq_mul(end, end, width);
    fmpq_add(end, end, time->lower);
    scaled_time(res, spectral, end, PREC);
    fmpq_add(end, end, width);
    scaled_time(other, spectral, end, PREC);
    arb_union(res, res, other, PREC);
    fmpq_clear(width);
    fmpq_clear(end);
    arb_clear(other);
}

/* Whether a box of the subdivision touches the case's box, and whether its centre is in it. The balls that cover the
   case's box are a little wider than it. */
static int
touches_box(arb_srcptr box, const solution_t spectral)
{
    int touches = 1;
    arb_t side;

    arb_init(side);
    for (slong i = 0; i < spectral->dimension && touches; i++)
    {
        arb_set_fmpq(side, spectral->options->box[i].lower, PREC);
        touches = !arb_lt(box + i, side);
        arb_set_fmpq(side, spectral->options->box[i].upper, PREC);
        touches = touches && !arb_gt(box + i, side);
    }
    arb_clear(side);
    return touches;
}

static int
centre_is_in_box(arb_srcptr box, const solution_t spectral)
{
    int inside = 1;
    arb_t centre;

    arb_init(centre);
    for (slong i = 0; i < spectral->dimension && inside; i++)
    {
        arb_set_arf(centre, arb_midref(box + i));
        inside = caustic_interval_contains_arb(spectral->options->box + i, centre) == T_TRUE;
    }
    arb_clear(centre);
    return inside;
}

/* Whether halving the time is what helps: phi is not seen to be positive at the centre either. */
static int
time_is_too_wide(arb_srcptr box, arb_srcptr amplitudes, const solution_t spectral)
{
    slong d = spectral->dimension;
    arb_ptr centre = _arb_vec_init(d);
    arb_t value;
    int wide;

    arb_init(value);
    for (slong i = 0; i < d; i++)
        arb_set_arf(centre + i, arb_midref(box + i));
    caustic_spectral_evaluate(value, space_of(spectral), amplitudes, NULL, 0, centre, PREC);
    wide = !arb_is_positive(value);
    arb_clear(value);
    _arb_vec_clear(centre, d);
    return wide;
}

/* The number of boxes that is tried: fewer where each costs more, in terms of polynomials and in exponentials. */
static slong
limit_of_boxes(const solution_t spectral)
{
    const caustic_spectral_struct * space = space_of(spectral);
    double m = (double) space->length, cost = m * m * m;

    for (slong k = 0; k < space->length; k++)
        cost += (double) (spectral->dimension + 2) * (double) fmpq_mpoly_length(space->basis + k, space->ring);
    return FLINT_MAX(BOXES_AT_LEAST, (slong) FLINT_MIN((double) BOXES_LIMIT, WORK_LIMIT / cost));
}

/* phi > 0 on the boxes of the stack during nu times `time`, halved `halvings` times so far. */
static int
is_positive_during(stack_struct * stack, slong * boxes, const arb_t time, slong halvings, const solution_t spectral)
{
    slong d = spectral->dimension, m = space_of(spectral)->length, base = stack->length - 1;
    arb_ptr amplitudes = _arb_vec_init(m), box = _arb_vec_init(d), half = _arb_vec_init(2);
    int answer = 1;
    arb_t range;

    arb_init(range);
    caustic_spectral_amplitudes(amplitudes, space_of(spectral), time, PREC);
    /* The halves of [m - r, m + r] are m -+ r/2 with radius r/2, together at least all of it. */
    for (int side = 0; side < 2; side++)
    {
        arb_set(half + side, time);
        mag_mul_2exp_si(arb_radref(half + side), arb_radref(time), -1);
        arf_set_mag(arb_midref(range), arb_radref(half + side));
        (side == 0 ? arf_sub : arf_add)(arb_midref(half + side), arb_midref(time), arb_midref(range), ARF_PREC_EXACT, ARF_RND_DOWN);
    }

    while (stack->length > base && answer == 1)
    {
        stack->length--;
        for (slong i = 0; i < d; i++)
            arb_set(box + i, stack->balls + stack->length * d + i);
        if (!touches_box(box, spectral))
            continue;
        range_of_phi(range, spectral, amplitudes, box);
        ++*boxes;

        if (arb_is_positive(range))
            continue;
        if (arb_is_nonpositive(range) && centre_is_in_box(box, spectral))
            answer = -1;
        else if (*boxes >= limit_of_boxes(spectral))
            answer = 0;
        else if (halvings < HALVINGS_LIMIT && time_is_too_wide(box, amplitudes, spectral))
            for (int side = 0; side < 2 && answer == 1; side++)
            {
                push_box(stack, box);
                answer = is_positive_during(stack, boxes, half + side, halvings + 1, spectral);
            }
        else
            push_halves(stack, box);
    }

    arb_clear(range);
    _arb_vec_clear(half, 2);
    _arb_vec_clear(amplitudes, m);
    _arb_vec_clear(box, d);
    return answer;
}

/* phi > 0 on box x time. 1: proved; -1: a point where phi <= 0 is certain, or phi is not positive; 0: neither, within
   the limit of boxes. */
static int
phi_is_positive(caustic_text_t detail, const solution_t spectral)
{
    slong d = spectral->dimension, boxes = 0;
    stack_struct stack = {NULL, 0, 0, d};
    arb_ptr box = _arb_vec_init(d);
    arb_t time;
    int answer = 1;

    arb_init(time);

    for (slong slice = 0; slice < TIME_SLICES && answer == 1; slice++)
    {
        time_slice(time, spectral, slice);
        for (slong i = 0; i < d; i++)
            ball_of(box + i, spectral->options->box + i);
        push_box(&stack, box);
        answer = is_positive_during(&stack, &boxes, time, 0, spectral);
        stack.length = 0;
    }

    if (answer == 1)
        caustic_text_printf(detail, "phi > 0 on the whole box, by %ld boxes", (long) boxes);
    else
        caustic_text_printf(detail, answer < 0 ? "phi is not positive on the box: the loss is not defined there"
            : "phi > 0 was not proved with %ld boxes", (long) boxes);

    clear_stack(&stack);
    arb_clear(time);
    _arb_vec_clear(box, d);
    return answer;
}

/* Residuals **********************************************************************************/

static void
residuals(outcome_t hamilton_jacobi, outcome_t burgers, const solution_t spectral)
{
    slong prec = 4 * tolerance_digits(spectral->options) + PREC;
    caustic_text_t detail;
    int positive;

    caustic_text_init(detail);
    positive = phi_is_positive(detail, spectral);
    caustic_text_printf(hamilton_jacobi->detail, "phi_t = nu L phi is an identity in a space of dimension %ld, so the"
        " residual is 0; %s", (long) space_of(spectral)->length, detail->data);
    caustic_text_append(burgers->detail, hamilton_jacobi->detail->data);
    hamilton_jacobi->verdict = burgers->verdict = positive == 1 ? CAUSTIC_PROVED
        : positive < 0 ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED;

    if (positive == 1 && prec > spectral->options->precision_limit)
    {
        hamilton_jacobi->verdict = burgers->verdict = CAUSTIC_UNDECIDED;
        caustic_text_printf(hamilton_jacobi->detail, "; the jets need %ld bits, above the precision limit", (long) prec);
        caustic_text_append(burgers->detail, "; as above");
    }
    else if (positive == 1)
        judge_points(hamilton_jacobi, burgers, spectral, prec);

    caustic_text_clear(detail);
}

/* Initial data *******************************************************************************/

/* sup over the box of |q_k|, by the ranges. */
static void
sizes_of_basis(arb_ptr res, const solution_t spectral)
{
    slong m = space_of(spectral)->length, d = spectral->dimension;
    arb_ptr box = _arb_vec_init(d), unit = _arb_vec_init(m);

    for (slong i = 0; i < d; i++)
        ball_of(box + i, spectral->options->box + i);
    for (slong k = 0; k < m; k++)
    {
        _arb_vec_zero(unit, m);
        arb_one(unit + k);
        caustic_spectral_evaluate(res + k, space_of(spectral), unit, NULL, 0, box, PREC);
        arb_abs(res + k, res + k);
        ball_upper_end(res + k, res + k, PREC);
    }
    _arb_vec_clear(box, d);
    _arb_vec_clear(unit, m);
}

/* A positive lower bound of p on the box: phi at time 0, box by box. Not positive where none was found. */
static void
least_density(arb_t res, const solution_t spectral)
{
    slong d = spectral->dimension, m = space_of(spectral)->length, boxes = 0;
    stack_struct stack = {NULL, 0, 0, d};
    arb_ptr amplitudes = _arb_vec_init(m), box = _arb_vec_init(d);
    arb_t range, value;
    arf_t end, least;

    arb_init(range);
    arb_init(value);
    arf_init(end);
    arf_init(least);
    arf_pos_inf(least);
    arb_one(amplitudes);
    for (slong i = 0; i < d; i++)
        ball_of(box + i, spectral->options->box + i);
    push_box(&stack, box);

    while (stack.length > 0)
    {
        stack.length--;
        for (slong i = 0; i < d; i++)
            arb_set(box + i, stack.balls + stack.length * d + i);
        range_of_phi(range, spectral, amplitudes, box);
        arb_get_lbound_arf(end, range, PREC);
        boxes++;
        if (arf_sgn(end) <= 0 && boxes < limit_of_boxes(spectral))
            push_halves(&stack, box);
        else
            arf_min(least, least, end);
        if (arf_sgn(least) <= 0)
            stack.length = 0;
    }
    arb_set_arf(res, least);

    clear_stack(&stack);
    arb_clear(range);
    arb_clear(value);
    arf_clear(end);
    arf_clear(least);
    _arb_vec_clear(amplitudes, m);
    _arb_vec_clear(box, d);
}

/* [RESIDUAL-9] |phi(., tau) - p| <= D(tau) = sum_k |a_k(tau) - a_k(0)| sup |q_k|, and with D < min p
   |u(., tau) - l| <= -2 nu log(1 - D/min p), which tends to 0 with tau. */
static void
closed_bound(arb_t res, const solution_t spectral, const arb_t least, arb_srcptr sizes, const fmpq_t tau, slong prec)
{
    slong m = space_of(spectral)->length;
    arb_ptr amplitudes = _arb_vec_init(m);
    arb_t time, sum;

    arb_init(time);
    arb_init(sum);
    scaled_time(time, spectral, tau, prec);
    caustic_spectral_amplitudes(amplitudes, space_of(spectral), time, prec);
    arb_sub_ui(amplitudes, amplitudes, 1, prec);
    arb_zero(sum);
    for (slong k = 0; k < m; k++)
    {
        arb_abs(amplitudes + k, amplitudes + k);
        arb_addmul(sum, amplitudes + k, sizes + k, prec);
    }
    arb_div(sum, sum, least, prec);
    arb_neg(sum, sum);
    arb_log1p(res, sum, prec);
    arb_set_fmpq(time, spectral->viscosity, prec);
    arb_mul(res, res, time, prec);
    arb_mul_si(res, res, -2, prec);
    ball_upper_end(res, res, prec);

    arb_clear(time);
    arb_clear(sum);
    _arb_vec_clear(amplitudes, m);
}

/* The sign in the field of the quotient or of parameter space. */
static caustic_sign
sign_in(caustic_expr e, gr_ctx_struct * field)
{
    caustic_sign sign = CAUSTIC_SIGN_UNKNOWN;
    gr_ptr x;

    GR_TMP_INIT(x, field);
    if (caustic_field_set_expr(x, e, field) == GR_SUCCESS)
        sign = caustic_field_sign(x, field);
    GR_TMP_CLEAR(x, field);
    return sign;
}

/* What an expression shows as it is written, before anything is multiplied out: 2 for > 0, 1 for >= 0, 0 for neither. */
static int
positivity_by_form(caustic_expr e, const caustic_pool * pool, gr_ctx_struct * field)
{
    caustic_op op = caustic_expr_op(pool, e);
    int least = 2, most = 0;
    caustic_sign sign;

    if (op == CAUSTIC_OP_SUM || op == CAUSTIC_OP_PRODUCT)
    {
        for (slong i = 0; i < caustic_expr_arity(pool, e) && least > 0; i++)
        {
            int child = positivity_by_form(caustic_expr_child(pool, e, i), pool, field);

            least = FLINT_MIN(least, child);
            most = FLINT_MAX(most, child);
        }
        if (least > 0)
            return op == CAUSTIC_OP_SUM ? most : least;
    }
    if (op == CAUSTIC_OP_POWER)
    {
        const fmpq * exponent = caustic_expr_fmpq(pool, e);
        int base = positivity_by_form(caustic_expr_child(pool, e, 0), pool, field);

        if (fmpz_is_one(fmpq_denref(exponent)) && fmpz_sgn(fmpq_numref(exponent)) > 0)
            return base > 0 ? base : fmpz_is_even(fmpq_numref(exponent));
    }
    sign = sign_in(e, field);
    return sign == CAUSTIC_SIGN_POSITIVE ? 2 : sign == CAUSTIC_SIGN_NONNEGATIVE || sign == CAUSTIC_SIGN_ZERO ? 1 : 0;
}

/* Whether p > 0 on the whole quotient: on the coordinates' box, or after the invariants on the stratum. */
static int
is_positive_density(const caustic_reduction_struct * reduction, caustic_expr density)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * above = (gr_ctx_struct *) reduction->upstairs;
    caustic_expr lifted = caustic_substitute(setting->pool, density, setting->coordinate, setting->invariant, setting->coordinates);
    int positive = positivity_by_form(density, setting->pool, (gr_ctx_struct *) reduction->downstairs) == 2;
    gr_ptr x;

    /* invariants are often sums of squares */
    if (!positive && lifted != CAUSTIC_NONE)
        positive = positivity_by_form(lifted, setting->pool, above) == 2;
    if (positive || lifted == CAUSTIC_NONE)
        return positive;

    GR_TMP_INIT(x, above);
    positive = caustic_field_set_expr(x, lifted, above) == GR_SUCCESS
        && caustic_field_sign_on(x, setting->stratum, setting->strata, above) == CAUSTIC_SIGN_POSITIVE;
    GR_TMP_CLEAR(x, above);
    return positive;
}

static void
initial_data_of_space(outcome_t outcome, caustic_residual_result_t result, const solution_t spectral)
{
    slong prec = 4 * tolerance_digits(spectral->options) + PREC;
    arb_ptr sizes = _arb_vec_init(space_of(spectral)->length);
    arb_t least;
    fmpq_t tau;

    arb_init(least);
    fmpq_init(tau);
    least_density(least, spectral);
    sizes_of_basis(sizes, spectral);

    if (!arb_is_positive(least))
        caustic_text_append(outcome->detail, "no positive lower bound of exp(-loss/(2 nu)) on the box was found");
    else
    {
        power_of_ten(tau, -tolerance_digits(spectral->options) - 10);
        closed_bound(outcome->bound, spectral, least, sizes, tau, prec);
        compare_initial_data(outcome, result, spectral, tau, prec);
        if (outcome->verdict == CAUSTIC_PROVED && !form_of(spectral)->is_loss)
        {
            outcome->verdict = CAUSTIC_UNDECIDED;
            caustic_text_append(outcome->detail, "; but that exp(-loss/(2 nu)) > 0 on the whole quotient, not on the box only, was"
                " not proved");
        }
    }

    arb_clear(least);
    fmpq_clear(tau);
    _arb_vec_clear(sizes, space_of(spectral)->length);
}

/* Parameter space ****************************************************************************/

/* |phi_Theta(theta, t) - phi_M(pi(theta), t)| relative to phi, as entropy: 2 nu |log of the quotient|. Not finite where it
   cannot be computed. */
static void
difference_at(arb_t res, const solution_t spectral, const caustic_spectral_t above, const caustic_tape * invariants, slong i,
    slong prec)
{
    const caustic_setting_struct * setting = spectral->reduction->setting;
    slong n = setting->parameters, d = spectral->dimension;
    arb_ptr theta = _arb_vec_init(n), z = _arb_vec_init(d);
    arb_ptr amplitudes = _arb_vec_init(FLINT_MAX(above->length, space_of(spectral)->length));
    fmpq * place = flint_calloc((size_t) n, sizeof(fmpq));
    arb_t time, value;

    arb_init(time);
    arb_init(value);
    for (slong a = 0; a < n; a++)
        fmpq_init(place + a);

    point_of_parameters(place, setting, i);
    for (slong a = 0; a < n; a++)
        arb_set_fmpq(theta + a, place + a, prec);
    caustic_tape_evaluate_arb(z, invariants, theta, prec);
    scaled_time(time, spectral, spectral->options->time->upper, prec);

    caustic_spectral_amplitudes(amplitudes, above, time, prec);
    caustic_spectral_evaluate(value, above, amplitudes, NULL, 0, theta, prec);
    caustic_spectral_amplitudes(amplitudes, space_of(spectral), time, prec);
    caustic_spectral_evaluate(res, space_of(spectral), amplitudes, NULL, 0, z, prec);
    arb_div(res, res, value, prec);
    arb_log(res, res, prec);
    arb_mul_si(res, res, 2, prec);
    arb_set_fmpq(time, spectral->viscosity, prec);
    arb_mul(res, res, time, prec);

    for (slong a = 0; a < n; a++)
        fmpq_clear(place + a);
    flint_free(place);
    arb_clear(time);
    arb_clear(value);
    _arb_vec_clear(theta, n);
    _arb_vec_clear(z, d);
    _arb_vec_clear(amplitudes, FLINT_MAX(above->length, space_of(spectral)->length));
}

/* The entropy computed on Theta itself, by a space of polynomials in the parameters. */
static void
agree_on_parameters(outcome_t outcome, const solution_t spectral)
{
    const caustic_setting_struct * setting = spectral->reduction->setting;
    slong prec = 4 * tolerance_digits(spectral->options) + PREC;
    caustic_setting_t trivial;
    caustic_reduction_t parameters;
    caustic_spectral_t above;
    caustic_text_t why;
    caustic_tape * invariants;
    arb_t difference, tolerance;

    caustic_text_init(why);
    arb_init(difference);
    arb_init(tolerance);
    trivial_setting(trivial, setting);
    caustic_reduction_init(parameters, trivial);
    arb_set_fmpq(tolerance, spectral->options->tolerance, PREC);
    invariants = caustic_tape_new(setting->pool, setting->invariant, setting->coordinates, setting->parameter,
        setting->parameters);

    if (!parameters->written_out)
        caustic_text_append(outcome->detail, "the Laplacian of parameter space was not derived");
    else
    {
        caustic_expr density = caustic_substitute(setting->pool, form_of(spectral)->density, setting->coordinate, setting->invariant,
            setting->coordinates);

        if (caustic_spectral_init(above, why, setting->pool, setting->parameter, setting->parameters,
                parameters->cometric_expr, parameters->drift_expr, density) != CAUSTIC_OK || invariants == NULL)
            caustic_text_printf(outcome->detail, "on parameter space %s", why->data);
        else
        {
            slong points = 0;

            outcome->verdict = CAUSTIC_PROVED;
            arb_zero(outcome->bound);
            for (slong i = 0; i < 3 * SOLUTION_POINTS; i++)
            {
                difference_at(difference, spectral, above, invariants, i, prec);
                /* Where phi is not certainly positive there is no entropy to compare. */
                if (!arb_is_finite(difference))
                    continue;
                points++;
                if (!arb_contains_zero(difference))
                    outcome->verdict = CAUSTIC_REFUTED;
                arb_abs(difference, difference);
                arb_max(outcome->bound, outcome->bound, difference, PREC);
            }
            if (outcome->verdict == CAUSTIC_PROVED && (points < SOLUTION_POINTS || !arb_lt(outcome->bound, tolerance)))
                outcome->verdict = CAUSTIC_UNDECIDED;
            caustic_text_printf(outcome->detail, "a space of dimension %ld of polynomials in the parameters, at %ld points of as"
                " many orbits", (long) above->length, (long) points);
        }
        caustic_spectral_clear(above);
    }

    caustic_tape_free(invariants);
    caustic_reduction_clear(parameters);
    caustic_setting_clear(trivial);
    caustic_text_clear(why);
    arb_clear(difference);
    arb_clear(tolerance);
}

/* What alterations change *********************************************************************/

/* A basis polynomial as an expression in the coordinates. */
static caustic_expr
expression_of(const solution_t spectral, slong k)
{
    const caustic_setting_struct * setting = spectral->reduction->setting;
    const caustic_spectral_struct * space = space_of(spectral);
    slong d = spectral->dimension;
    caustic_pool * pool = setting->pool;
    caustic_expr sum = caustic_integer(pool, 0);
    ulong * exponents = flint_malloc((size_t) d * sizeof(ulong));
    fmpq_t coefficient;

    fmpq_init(coefficient);
    for (slong i = 0; i < fmpq_mpoly_length(space->basis + k, space->ring); i++)
    {
        caustic_expr term;

        fmpq_mpoly_get_term_coeff_fmpq(coefficient, space->basis + k, i, space->ring);
        fmpq_mpoly_get_term_exp_ui(exponents, space->basis + k, i, space->ring);
        term = caustic_number(pool, coefficient);
        for (slong j = 0; j < d; j++)
            if (exponents[j] > 0)
                term = caustic_mul(pool, term, caustic_power_si(pool, setting->coordinate[j], (slong) exponents[j]));
        sum = caustic_add(pool, sum, term);
    }
    fmpq_clear(coefficient);
    flint_free(exponents);
    return sum;
}

/* Whether every row of the d x d matrix, applied to the gradient of every basis polynomial, is 0 identically. */
static int
annihilates_gradients(const caustic_expr * matrix, slong rows, const solution_t spectral)
{
    const caustic_setting_struct * setting = spectral->reduction->setting;
    caustic_pool * pool = setting->pool;
    slong d = spectral->dimension;
    int zero = 1;
    gr_ctx_t ctx;
    gr_ptr x;

    caustic_field_ctx_init(ctx, pool, setting->coordinate, setting->coordinate_domain, d);
    GR_TMP_INIT(x, ctx);
    for (slong k = 0; k < space_of(spectral)->length && zero; k++)
    {
        caustic_expr q = expression_of(spectral, k);

        for (slong row = 0; row < rows && zero; row++)
        {
            caustic_expr sum = caustic_integer(pool, 0);

            for (slong i = 0; i < d; i++)
                sum = caustic_add(pool, sum, caustic_mul(pool, matrix[row * d + i],
                    caustic_derivative(pool, q, setting->coordinate[i])));
            zero = caustic_field_set_expr(x, sum, ctx) == GR_SUCCESS && caustic_field_is_zero(x, NULL, ctx) == T_TRUE;
        }
    }
    GR_TMP_CLEAR(x, ctx);
    gr_ctx_clear(ctx);
    return zero;
}

/* [RESIDUAL-7] A drift, or a curvature term R_kj g^{ji} v_i, that vanishes on the gradients of this solution leaves an
   equation that it satisfies: that alteration is not counted. */
static void
see_what_vanishes(solution_t spectral)
{
    const caustic_reduction_struct * reduction = spectral->reduction;
    caustic_pool * pool = reduction->setting->pool;
    slong d = spectral->dimension;
    caustic_expr * raised;

    spectral->has_drift = spectral->has_drift && !annihilates_gradients(reduction->drift_expr, 1, spectral);
    if (!spectral->has_curvature)
        return;

    raised = flint_malloc((size_t) (d * d) * sizeof(caustic_expr));
    for (slong k = 0; k < d; k++)
        for (slong i = 0; i < d; i++)
        {
            raised[k * d + i] = caustic_integer(pool, 0);
            for (slong j = 0; j < d; j++)
                raised[k * d + i] = caustic_add(pool, raised[k * d + i], caustic_mul(pool, spectral->ricci[k * d + j],
                    reduction->cometric_expr[j * d + i]));
        }
    spectral->has_curvature = !annihilates_gradients(raised, d, spectral);
    flint_free(raised);
}

/* The driver *********************************************************************************/

static void
verify_viscosity(caustic_residual_result_t result, solution_t spectral, const fmpq * viscosity)
{
    static const char * const method = "exact space of polynomials [HEAT-10] [RESIDUAL-8]";
    outcome_t reduction, hamilton_jacobi, burgers, initial;

    outcome_init(reduction);
    outcome_init(hamilton_jacobi);
    outcome_init(burgers);
    outcome_init(initial);
    spectral->viscosity = viscosity;

    agree_on_parameters(reduction, spectral);
    residuals(hamilton_jacobi, burgers, spectral);
    if (hamilton_jacobi->verdict != CAUSTIC_REFUTED)
    {
        try_alterations(result, spectral);
        initial_data_of_space(initial, result, spectral);
    }
    add_check(result, "reduction", viscosity, reduction, "exact space of polynomials on parameter space [HEAT-10]");
    add_check(result, "hamilton_jacobi_residual", viscosity, hamilton_jacobi, method);
    add_check(result, "burgers_residual", viscosity, burgers, method);
    add_check(result, "initial_data", viscosity, initial, "closed bound and computed values [RESIDUAL-9]");

    outcome_clear(reduction);
    outcome_clear(hamilton_jacobi);
    outcome_clear(burgers);
    outcome_clear(initial);
}

void
caustic_verify_spectral(caustic_residual_result_t result, const caustic_reduction_t reduction, caustic_expr density,
    const caustic_residual_options * options)
{
    const caustic_setting_struct * setting = reduction->setting;
    solution_t spectral;
    form_struct form;
    caustic_text_t why;
    int usable;

    caustic_text_init(why);
    form.density = density;
    form.is_loss = is_positive_density(reduction, density);
    solution_init(spectral, reduction, options);
    spectral->data = &form;
    spectral->derivatives = derivatives_of_phi;

    usable = caustic_spectral_init(form.space, why, setting->pool, setting->coordinate, setting->coordinates,
        reduction->cometric_expr, reduction->drift_expr, density) == CAUSTIC_OK;
    if (usable && !box_is_bounded(options, setting))
        caustic_text_append(why, "the box is not a bounded part of the coordinates' domains and of positive times");
    else if (usable && spectral->equations->tape == NULL)
        caustic_text_append(why, "the equations could not be written");
    usable = usable && why->length == 0;
    spectral->constant = usable && form.space->length == 1 && fmpq_mpoly_is_fmpq(form.space->basis, form.space->ring);

    if (usable)
        see_what_vanishes(spectral);

    for (slong i = 0; i < options->viscosities; i++)
    {
        if (usable)
            verify_viscosity(result, spectral, options->viscosity + i);
        else
            undecided(result, options->viscosity + i, why->data);
    }
    conclude_checks(result);

    solution_clear(spectral);
    caustic_spectral_clear(form.space);
    caustic_text_clear(why);
}
