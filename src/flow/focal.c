/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    focal: the first focal time of a characteristic, in parameter space.

    With H(theta, p) = 1/2 A^(ab)(theta) p_a p_b the state is (theta, p) and, for each coordinate
    z_j of the foot, its derivative by z_j: 2 N (1 + d) coordinates. The flow carries two
    observables, D = det d(pi(theta(t)))/d(foot) and its time derivative. [FLOW-5] says that the
    zeros of D are the focal times. D(0) = 1, and the first zero is enclosed by
    D > 0 before it and D' < 0 around it [FLOW-6].
*/

#include "flow/flow_internal.h"

#define MOST_COORDINATES 4

/* The equations ******************************************************************************/

typedef struct
{
    caustic_pool * pool;
    slong parameters;        /* N */
    slong coordinates;       /* d */
    slong length;            /* 2 N (1 + d) */
    caustic_expr * symbol;   /* theta, p, then (delta theta, delta p) for each j */
    caustic_expr * field;
    caustic_expr observables[2];
    caustic_expr * start;    /* the initial state, in the coordinates of the quotient; then the loss,
                                which must be defined, although only its derivatives are used */
}
characteristic;

static void characteristic_init(characteristic * c, const caustic_setting_t setting)
{
    c->pool = setting->pool;
    c->parameters = setting->parameters;
    c->coordinates = setting->coordinates;
    c->length = 2 * c->parameters * (1 + c->coordinates);
    c->symbol = flint_calloc((size_t) c->length, sizeof(caustic_expr));
    c->field = flint_calloc((size_t) c->length, sizeof(caustic_expr));
    c->start = flint_calloc((size_t) c->length + 1, sizeof(caustic_expr));
}

static void characteristic_clear(characteristic * c)
{
    flint_free(c->symbol);
    flint_free(c->field);
    flint_free(c->start);
}

/* Names that no case file can contain, for an underscore is not a letter. */
static void name_symbols(characteristic * c, const caustic_setting_t setting)
{
    slong i;
    caustic_text_t name;
    caustic_text_init(name);
    for (i = 0; i < c->length; i++)
    {
        caustic_text_reset(name);
        caustic_text_printf(name, "_flow%ld", (long) i);
        c->symbol[i] = i < c->parameters ? setting->parameter[i] : caustic_symbol(c->pool, name->data);
    }
    caustic_text_clear(name);
}

/* sum_i a_i b_i */
static caustic_expr inner(caustic_pool * pool, const caustic_expr * a, const caustic_expr * b, slong length)
{
    slong i;
    caustic_expr sum = caustic_integer(pool, 0);
    for (i = 0; i < length; i++)
    {
        sum = caustic_add(pool, sum, caustic_mul(pool, a[i], b[i]));
    }
    return sum;
}

/* The derivative of e along a vector: sum_i (de/dsymbol_i) vector_i. */
static caustic_expr along(caustic_pool * pool, caustic_expr e, const caustic_expr * symbols,
    const caustic_expr * vector, slong length)
{
    slong i;
    caustic_expr sum = caustic_integer(pool, 0);
    for (i = 0; i < length; i++)
    {
        sum = caustic_add(pool, sum, caustic_mul(pool, caustic_derivative(pool, e, symbols[i]), vector[i]));
    }
    return sum;
}

/* theta' = dH/dp, p' = -dH/dtheta, and the same linearised. */
static void hamilton_equations(characteristic * c, const caustic_setting_t setting)
{
    slong n = c->parameters, a, j;
    caustic_pool * pool = c->pool;
    const caustic_expr * theta = c->symbol, * p = c->symbol + n;
    caustic_expr velocity, twice_energy = caustic_integer(pool, 0), half;
    fmpq_t value;

    fmpq_init(value);
    fmpq_set_si(value, 1, 2);
    half = caustic_number(pool, value);
    fmpq_clear(value);

    for (a = 0; a < n; a++)
    {
        velocity = inner(pool, setting->inverse_metric + a * n, p, n);
        c->field[a] = velocity;
        twice_energy = caustic_add(pool, twice_energy, caustic_mul(pool, p[a], velocity));
    }
    for (a = 0; a < n; a++)
    {
        c->field[n + a] = caustic_neg(pool, caustic_mul(pool, half,
            caustic_derivative(pool, twice_energy, theta[a])));
    }
    for (j = 1; j <= c->coordinates; j++)
    {
        for (a = 0; a < 2 * n; a++)
        {
            c->field[2 * n * j + a] = along(pool, c->field[a], c->symbol, c->symbol + 2 * n * j, 2 * n);
        }
    }
}

/* The determinant of a d x d matrix by the sum over permutations, d <= MOST_COORDINATES. */
static caustic_expr determinant(caustic_pool * pool, const caustic_expr * entries, slong d)
{
    slong image[MOST_COORDINATES], i, j, code, codes = 1;
    caustic_expr sum = caustic_integer(pool, 0), product;
    for (i = 0; i < d; i++)
    {
        codes *= d;
    }
    for (code = 0; code < codes; code++)
    {
        slong rest = code, sign = 1;
        for (i = 0; i < d; i++)
        {
            image[i] = rest % d;
            rest /= d;
            for (j = 0; j < i; j++)
            {
                sign = image[j] == image[i] ? 0 : (image[j] > image[i] ? -sign : sign);
            }
        }
        if (sign == 0)
        {
            continue;
        }
        product = caustic_integer(pool, sign);
        for (i = 0; i < d; i++)
        {
            product = caustic_mul(pool, product, entries[i * d + image[i]]);
        }
        sum = caustic_add(pool, sum, product);
    }
    return sum;
}

/* D = det(sum_a dz^i/dtheta^a delta_j theta^a) and D' along the field. */
static void projected_determinant(characteristic * c, const caustic_setting_t setting)
{
    slong n = c->parameters, d = c->coordinates, i, j;
    caustic_expr entries[MOST_COORDINATES * MOST_COORDINATES];
    for (i = 0; i < d; i++)
    {
        for (j = 0; j < d; j++)
        {
            entries[i * d + j] = along(c->pool, setting->invariant[i], setting->parameter,
                c->symbol + 2 * n * (j + 1), n);
        }
    }
    c->observables[0] = determinant(c->pool, entries, d);
    c->observables[1] = along(c->pool, c->observables[0], c->symbol, c->field, c->length);
}

/* theta(0) = section, p_a(0) = sum_i (dloss/dz^i) (dz^i/dtheta^a)(section), and their derivatives
   by the coordinates of the foot. */
static void start_data(characteristic * c, const caustic_setting_t setting, caustic_expr loss)
{
    slong n = c->parameters, d = c->coordinates, a, i, j;
    caustic_pool * pool = c->pool;
    caustic_expr gradient, upstairs;
    c->start[c->length] = loss;
    for (a = 0; a < n; a++)
    {
        c->start[a] = setting->section[a];
        c->start[n + a] = caustic_integer(pool, 0);
        for (i = 0; i < d; i++)
        {
            gradient = caustic_derivative(pool, loss, setting->coordinate[i]);
            upstairs = caustic_substitute(pool, caustic_derivative(pool, setting->invariant[i], setting->parameter[a]),
                setting->parameter, setting->section, n);
            c->start[n + a] = caustic_add(pool, c->start[n + a], caustic_mul(pool, gradient, upstairs));
        }
    }
    for (j = 1; j <= d; j++)
    {
        for (a = 0; a < 2 * n; a++)
        {
            c->start[2 * n * j + a] = caustic_derivative(pool, c->start[a], setting->coordinate[j - 1]);
        }
    }
}

/* The search *********************************************************************************/

typedef struct
{
    const caustic_setting_struct * setting;
    const caustic_flow * flow;
    const caustic_tape * start;
    arb_srcptr foot;
    arb_srcptr limit;
    slong digits;
    int settled;     /* more precision would not change the outcome */
    slong cuts;      /* how many steps had to be cut at the edge of the domain */
    mag_t reached;   /* radius of the focal time at the last precision */
    double stopped;  /* when the last precision could not go on */
}
search;

/* What a stretch of one step says about D. */
typedef enum
{
    POSITIVE,  /* D > 0 on all of [0, h] */
    BRACKETED, /* D > 0 on [0, a], D(b) < 0, D' < 0 on [a, b] */
    UNCLEAR    /* D > 0 on [0, a]; nothing is certain beyond */
}
stretch;

static void determinant_value(arb_t res, caustic_orbit_t orbit, slong derivative, const arb_t since,
    slong prec)
{
    caustic_orbit_value(res, orbit, orbit->flow->dimension + derivative, since, prec);
}

/* A ball that contains [a, b], 0 <= a < b, and no negative number; its radius is rounded up. */
static void interval(arb_t res, const arb_t a, const arb_t b)
{
    arb_t half;
    arb_init(half);
    arb_sub(half, b, a, ARF_PREC_EXACT);
    arb_mul_2exp_si(half, half, -1);
    arb_add(res, a, half, ARF_PREC_EXACT);
    arf_get_mag(arb_radref(res), arb_midref(half));
    arb_nonnegative_part(res, res);
    arb_clear(half);
}

/* D on [a, b]: D(m) + D'([a, b]) ([a, b] - m) and the plain value, whichever decides. */
static int positive_on(caustic_orbit_t orbit, const arb_t range, const arb_t slope)
{
    int positive;
    arb_t value, middle, offset;
    arb_init(value);
    arb_init(middle);
    arb_init(offset);
    determinant_value(value, orbit, 0, range, CAUSTIC_FLOW_ROUGH);
    positive = arb_is_positive(value);
    if (!positive)
    {
        arb_get_mid_arb(middle, range);
        arb_sub(offset, range, middle, CAUSTIC_FLOW_ROUGH);
        determinant_value(value, orbit, 0, middle, CAUSTIC_FLOW_ROUGH);
        arb_addmul(value, slope, offset, CAUSTIC_FLOW_ROUGH);
        positive = arb_is_positive(value);
    }
    arb_clear(value);
    arb_clear(middle);
    arb_clear(offset);
    return positive;
}

/* How often a step is looked at before it counts as unclear from there on. */
#define MOST_LOOKS 500

/* Walks over [0, end], inside the prepared step. a and b are exact. */
static stretch walk(arb_t a, arb_t b, const arb_t end, caustic_orbit_t orbit)
{
    stretch result = UNCLEAR;
    slong look;
    arb_t width, least, range, slope, value;

    arb_init(width);
    arb_init(least);
    arb_init(range);
    arb_init(slope);
    arb_init(value);
    arb_zero(a);
    arb_set(width, end);
    arb_mul_2exp_si(least, end, -24);
    for (look = 0; look < MOST_LOOKS && result == UNCLEAR && arb_gt(width, least); look++)
    {
        arb_add(b, a, width, ARF_PREC_EXACT);
        if (!arb_le(b, end))
        {
            arb_set(b, end);
        }
        interval(range, a, b);
        determinant_value(slope, orbit, 1, range, CAUSTIC_FLOW_ROUGH);
        if (positive_on(orbit, range, slope))
        {
            arb_set(a, b);
            arb_mul_2exp_si(width, width, 1);
            result = arb_equal(b, end) ? POSITIVE : UNCLEAR;
            continue;
        }
        if (arb_is_negative(slope))
        {
            determinant_value(value, orbit, 0, b, CAUSTIC_FLOW_ROUGH);
            if (arb_is_negative(value))
            {
                determinant_value(value, orbit, 0, a, CAUSTIC_FLOW_ROUGH);
                result = arb_is_positive(value) ? BRACKETED : UNCLEAR;
            }
        }
        if (result == UNCLEAR)
        {
            arb_mul_2exp_si(width, width, -1);
        }
    }
    arb_clear(width);
    arb_clear(least);
    arb_clear(range);
    arb_clear(slope);
    arb_clear(value);
    return result;
}

/* Interval Newton: every zero in the ball lies in m - D(m)/D'(ball) [FLOW-6], which is all on one side of
   m unless D(m) contains 0; so each iteration at least halves the ball until the accuracy of D is
   reached. `zero` starts as a bracket and always contains the zeros of all feet. */
static void newton(arb_t zero, caustic_orbit_t orbit)
{
    slong iteration, prec = orbit->precision + CAUSTIC_FLOW_ROUGH;
    int better = 1;
    arb_t middle, value, slope, next;
    mag_t goal;

    arb_init(middle);
    arb_init(value);
    arb_init(slope);
    arb_init(next);
    mag_init(goal);
    for (iteration = 0; iteration < 200 && better; iteration++)
    {
        arb_get_mid_arb(middle, zero);
        determinant_value(slope, orbit, 1, zero, orbit->precision);
        determinant_value(value, orbit, 0, middle, orbit->precision);
        arb_div(next, value, slope, prec);
        arb_sub(next, middle, next, prec);
        mag_mul_ui(goal, arb_radref(zero), 3);
        mag_mul_2exp_si(goal, goal, -2);
        better = arb_is_negative(slope) && arb_is_finite(next) && arb_intersection(next, next, zero, prec);
        if (better && mag_cmp(arb_radref(next), arb_radref(zero)) < 0)
        {
            arb_nonnegative_part(zero, next); /* rounding must not reach before the step */
        }
        better = better && mag_cmp(arb_radref(zero), goal) <= 0;
    }
    arb_clear(middle);
    arb_clear(value);
    arb_clear(slope);
    arb_clear(next);
    mag_clear(goal);
}

/* Whether every parameter stays in its domain during the prepared step. */
static int stays_in_domain(const search * s, const caustic_orbit_t orbit)
{
    slong a;
    for (a = 0; a < s->setting->parameters; a++)
    {
        if (caustic_interval_contains_arb(s->setting->parameter_domain + a, orbit->enclosure + a) != T_TRUE)
        {
            return 0;
        }
    }
    return 1;
}

static caustic_result fail_at(const caustic_orbit_t orbit, caustic_result code, const char * what,
    caustic_error_t error)
{
    caustic_result result;
    caustic_text_t text;
    caustic_text_init(text);
    caustic_print_lower(text, orbit->time, 8);
    result = caustic_error_set(error, code, NULL, 0, 0, "%s (time %s, %ld bits)", what, text->data,
        (long) orbit->precision);
    caustic_text_clear(text);
    return result;
}

#define MOST_CUTS 40

/* Prepares a step that provably stays in the declared domain. */
static caustic_result prepare_in_domain(search * s, caustic_orbit_t orbit, const arb_t most,
    caustic_error_t error)
{
    slong attempt;
    caustic_result result = CAUSTIC_OK;
    arb_t shorter;
    arb_init(shorter);
    arb_set(shorter, most);
    for (attempt = 0; attempt < 20; attempt++)
    {
        result = caustic_orbit_prepare(orbit, shorter, error);
        if (result != CAUSTIC_OK || stays_in_domain(s, orbit))
        {
            break;
        }
        arb_mul_2exp_si(shorter, orbit->step, -1);
    }
    s->cuts += attempt > 0;
    /* cut after cut: every step only halves the distance from the edge */
    if (attempt == 20 || s->cuts > MOST_CUTS || (result != CAUSTIC_OK && s->cuts > MOST_CUTS / 4))
    {
        result = fail_at(orbit, CAUSTIC_UNSUPPORTED,
            "the characteristic cannot be kept inside the declared domain of the parameters", error);
    }
    arb_clear(shorter);
    return result;
}

/* A solution that ends ends at the same time with more bits: then it is enough to have seen it twice. */
static void note_stop(search * s, const caustic_orbit_t orbit)
{
    double now = arf_get_d(arb_midref(orbit->time), ARF_RND_NEAR);
    s->settled = s->settled || (s->stopped >= 0.0 && now <= s->stopped * (1.0 + 1e-3));
    s->stopped = now;
}

#define STEP_LIMIT 4000

/* Moves on, or, where the set stays behind, lets the next step be shorter: steps that are too short
   cannot be prepared, so this ends. */
static caustic_result advance_or_shorten(caustic_orbit_t orbit, const arb_t since, caustic_error_t error)
{
    arb_t before;
    caustic_result result;

    arb_init(before);
    arb_set(before, orbit->time);
    result = caustic_orbit_advance(orbit, since, error);
    if (result == CAUSTIC_NO_RESOURCES && arb_equal(before, orbit->time))
    {
        result = CAUSTIC_OK;
    }
    arb_clear(before);
    return result;
}

/* From the foot to the first zero of D. CAUSTIC_OK: `time` contains it. */
static caustic_result follow(arb_t time, search * s, caustic_orbit_t orbit, caustic_error_t error)
{
    slong step;
    int found = 0;
    caustic_result result = CAUSTIC_OK;
    arb_t rest, end, a, b, least;

    arb_init(rest);
    arb_init(end);
    arb_init(a);
    arb_init(b);
    arb_init(least);
    s->cuts = 0;
    for (step = 0; result == CAUSTIC_OK && !found && step < STEP_LIMIT; step++)
    {
        arb_sub(rest, s->limit, orbit->time, 2 * orbit->precision);
        if (!arb_is_positive(rest))
        {
            s->settled = 1;
            result = fail_at(orbit, CAUSTIC_NO_RESOURCES,
                "no focal time up to the time limit: the determinant is positive there", error);
            break;
        }
        /* a little beyond the limit, so that a focal time at the limit is inside a step */
        arb_mul_2exp_si(a, s->limit, -4);
        arb_add(rest, rest, a, orbit->precision);
        result = prepare_in_domain(s, orbit, rest, error);
        if (result != CAUSTIC_OK)
        {
            note_stop(s, orbit);
            break;
        }
        /* a ball around a stretch may be a little longer than the stretch */
        arb_mul_2exp_si(end, orbit->step, -8);
        arb_sub(end, orbit->step, end, ARF_PREC_EXACT);
        switch (walk(a, b, end, orbit))
        {
            case POSITIVE:
                result = advance_or_shorten(orbit, end, error);
                break;
            case BRACKETED:
                interval(time, a, b);
                newton(time, orbit);
                arb_add(time, time, orbit->time, 2 * orbit->precision);
                found = 1;
                break;
            default:
                arb_mul_2exp_si(least, end, -4);
                if (!arb_gt(a, least))
                {
                    result = fail_at(orbit, CAUSTIC_NO_RESOURCES,
                        "the sign of the determinant could not be decided", error);
                }
                else
                {
                    /* stop well before the unclear stretch: the next step has it inside */
                    arb_mul_2exp_si(least, a, -2);
                    arb_sub(a, a, least, ARF_PREC_EXACT);
                    result = advance_or_shorten(orbit, a, error);
                }
                break;
        }
    }
    if (result == CAUSTIC_OK && !found)
    {
        result = fail_at(orbit, CAUSTIC_NO_RESOURCES, "too many steps", error);
    }
    if (result == CAUSTIC_OK && !arb_le(time, s->limit))
    {
        s->settled = arb_gt(time, s->limit);
        result = fail_at(orbit, CAUSTIC_NO_RESOURCES, "no focal time is certainly before the time limit", error);
    }
    arb_clear(rest);
    arb_clear(end);
    arb_clear(a);
    arb_clear(b);
    arb_clear(least);
    return result;
}

/* Relative width at most 10^(1 - digits). */
static int narrow_enough(const arb_t time, slong digits)
{
    int narrow;
    arb_t width, goal;
    arb_init(width);
    arb_init(goal);
    arb_get_rad_arb(width, time);
    arb_mul_2exp_si(width, width, 1);
    arb_set_ui(goal, 10);
    arb_pow_ui(goal, goal, (ulong) digits - 1, 64);
    arb_mul(width, width, goal, 64);
    narrow = arb_is_positive(time) && arb_le(width, time);
    arb_clear(width);
    arb_clear(goal);
    return narrow;
}

/* One attempt at a given precision. */
static caustic_result attempt_focal_time(arb_t time, search * s, slong precision, caustic_error_t error)
{
    slong n = caustic_flow_dimension(s->flow);
    caustic_result result;
    caustic_orbit_t orbit;
    arb_ptr start = _arb_vec_init(n + 1);

    caustic_tape_evaluate_arb(start, s->start, s->foot, precision);
    caustic_orbit_init(orbit, s->flow, start, precision);
    if (!_arb_vec_is_finite(start, n + 1))
    {
        result = fail_at(orbit, CAUSTIC_NO_RESOURCES, "the characteristic cannot be started at this foot", error);
    }
    else
    {
        result = follow(time, s, orbit, error);
        if (result == CAUSTIC_OK && !narrow_enough(time, s->digits))
        {
            /* where the ball of the foot is what widens the time, bits do not help */
            mag_mul_2exp_si(s->reached, s->reached, -1);
            s->settled = mag_cmp(arb_radref(time), s->reached) > 0;
            mag_set(s->reached, arb_radref(time));
            result = fail_at(orbit, CAUSTIC_NO_RESOURCES,
                "the focal time was found, but not to the digits asked for", error);
        }
    }
    caustic_orbit_clear(orbit);
    _arb_vec_clear(start, n + 1);
    return result;
}

/* Reasons not to begin. */
static caustic_result check_arguments(const caustic_setting_t setting, caustic_expr loss, arb_srcptr foot,
    const arb_t time_limit, slong digits, caustic_error_t error)
{
    slong i;
    if (digits < 1 || !arb_is_finite(time_limit) || !arb_is_positive(time_limit) || loss == CAUSTIC_NONE)
    {
        return caustic_error_set(error, CAUSTIC_BAD_INPUT, NULL, 0, 0,
            "a focal time needs a loss, at least one digit, and a finite positive time limit");
    }
    if (setting->coordinates < 1 || setting->coordinates > MOST_COORDINATES)
    {
        return caustic_error_set(error, CAUSTIC_UNSUPPORTED, NULL, 0, 0,
            "characteristics in parameter space are followed for at most %d coordinates of the quotient, not %ld",
            MOST_COORDINATES, (long) setting->coordinates);
    }
    if (!setting->has_section)
    {
        return caustic_error_set(error, CAUSTIC_UNSUPPORTED, NULL, 0, 0,
            "there is no section from which a characteristic could begin in parameter space");
    }
    for (i = 0; i < setting->coordinates; i++)
    {
        if (caustic_interval_contains_arb(setting->coordinate_domain + i, foot + i) != T_TRUE)
        {
            return caustic_error_set(error, CAUSTIC_UNSUPPORTED, NULL, 0, 0,
                "the foot of the characteristic is not certainly in the domain of coordinate %s",
                caustic_expr_name(setting->pool, setting->coordinate[i]));
        }
    }
    return CAUSTIC_OK;
}

caustic_result caustic_characteristic_focal_time(arb_t time, const caustic_setting_t setting,
    caustic_expr loss, arb_srcptr foot, const arb_t time_limit, slong digits, slong precision_limit,
    caustic_error_t error)
{
    slong precision;
    caustic_flow * flow;
    caustic_tape * start;
    characteristic c;
    search s;
    caustic_result result = check_arguments(setting, loss, foot, time_limit, digits, error);

    if (result != CAUSTIC_OK)
    {
        arb_zero_pm_inf(time);
        return result;
    }
    characteristic_init(&c, setting);
    name_symbols(&c, setting);
    hamilton_equations(&c, setting);
    projected_determinant(&c, setting);
    start_data(&c, setting, loss);
    flow = caustic_flow_new(c.pool, c.field, c.symbol, c.length, c.observables, 2);
    start = caustic_tape_new(c.pool, c.start, c.length + 1, setting->coordinate, c.coordinates);
    if (flow == NULL || start == NULL)
    {
        result = caustic_error_set(error, CAUSTIC_BAD_INPUT, NULL, 0, 0,
            "the characteristic's equations are not defined by the parameters and coordinates alone");
    }
    else
    {
        s.setting = setting;
        s.flow = flow;
        s.start = start;
        s.foot = foot;
        s.limit = time_limit;
        s.digits = digits;
        s.settled = 0;
        s.cuts = 0;
        s.stopped = -1.0;
        mag_init(s.reached);
        mag_inf(s.reached);
        /* whole limbs; at least 24 bits more than the digits */
        precision = 24 + (slong) (3.33 * (double) digits);
        precision = FLINT_MAX(128, FLINT_BITS * ((precision + FLINT_BITS - 1) / FLINT_BITS));
        precision = FLINT_MIN(precision, FLINT_MAX(64, precision_limit));
        result = caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0,
            "the precision limit of %ld bits does not allow %ld digits", (long) precision_limit, (long) digits);
        while (result == CAUSTIC_NO_RESOURCES && !s.settled && precision <= precision_limit)
        {
            result = attempt_focal_time(time, &s, precision, error);
            precision *= 2;
        }
        mag_clear(s.reached);
    }
    if (result != CAUSTIC_OK)
    {
        arb_zero_pm_inf(time);
    }
    else
    {
        /* what lower precisions lacked is not an error any more */
        caustic_error_clear(error);
        caustic_error_init(error);
    }
    caustic_flow_free(flow);
    if (start != NULL)
    {
        caustic_tape_free(start);
    }
    characteristic_clear(&c);
    return result;
}
