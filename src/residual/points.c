/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    points: both residuals by brute force at points. u is expanded in z and in t by jets, neither
    derivative obtained from the other through the equation, with the error E inside every
    coefficient. The same jets refute the altered equations.
*/

#include <math.h>
#include <flint/arb_poly.h>
#include "base/ball.h"
#include "residual_internal.h"

#define ORDER 3
#define SHARPER 2     /* attempts with more digits at refuting what is left */
#define SHARP_REACH 20000
#define SHARP_POINT 6 /* the sample point for them: early and off the middle */

/* The terms of the two equations at a point, as balls. */
typedef struct
{
    arb_t u_t;
    arb_t u_z;
    arb_t u_zz;
    arb_t g;
    arb_t b;
    arb_t burgers; /* its residual */
}
terms_struct;

typedef terms_struct terms_t[1];

static void
terms_init(terms_t terms)
{
    arb_init(terms->u_t);
    arb_init(terms->u_z);
    arb_init(terms->u_zz);
    arb_init(terms->g);
    arb_init(terms->b);
    arb_init(terms->burgers);
}

static void
terms_clear(terms_t terms)
{
    arb_clear(terms->u_t);
    arb_clear(terms->u_z);
    arb_clear(terms->u_zz);
    arb_clear(terms->g);
    arb_clear(terms->b);
    arb_clear(terms->burgers);
}

static slong
index_of(const caustic_jet_shape * shape, slong i, slong j)
{
    slong exponents[2] = {i, j};

    return caustic_jet_index(shape, exponents);
}

/* The jet of S at (s, t) in the variables (s, t), kernel by kernel. */
static void
kernel_sum(arb_ptr res, const caustic_jet_shape * shape, const problem_t problem,
    const caustic_strip_t strip, const arb_t s, const arb_t t, slong prec)
{
    slong length = caustic_jet_length(shape), j;
    arb_ptr kappa, distance, term, total;
    arb_t nu, y, loss;
    arf_t offset;
    fmpq_t half;

    kappa = _arb_vec_init(length);
    distance = _arb_vec_init(length);
    term = _arb_vec_init(length);
    total = _arb_vec_init(length);
    arb_init(nu);
    arb_init(y);
    arb_init(loss);
    arf_init(offset);
    fmpq_init(half);

    arb_set_fmpq(nu, problem->viscosity, prec);
    arb_mul_2exp_si(nu, nu, 2);
    caustic_jet_variable(kappa, t, 1, shape);
    caustic_jet_scalar_mul(kappa, kappa, nu, shape, prec);
    caustic_jet_inv(kappa, kappa, shape, prec);
    arb_mul_2exp_si(nu, nu, -1);
    for (j = -strip->reach; j <= strip->reach; j++)
    {
        arf_mul_si(offset, strip->step, j, ARF_PREC_EXACT, ARF_RND_DOWN);
        arf_add(arb_midref(y), strip->centre, offset, ARF_PREC_EXACT, ARF_RND_DOWN);
        mag_zero(arb_radref(y));
        caustic_tape_evaluate_arb(loss, problem->line->loss, y, prec);
        arb_div(loss, loss, nu, prec);
        arb_sub(y, s, y, prec);
        caustic_jet_variable(distance, y, 0, shape);
        caustic_jet_mul(distance, distance, distance, shape, prec);
        caustic_jet_mul(term, distance, kappa, shape, prec);
        arb_add(term, term, loss, prec);
        _arb_vec_neg(term, term, length);
        caustic_jet_function(term, CAUSTIC_OP_EXP, term, shape, prec);
        caustic_jet_add(total, total, term, shape, prec);
    }
    /* h sqrt(kappa/pi) */
    arb_const_pi(y, prec);
    arb_inv(y, y, prec);
    caustic_jet_scalar_mul(kappa, kappa, y, shape, prec);
    fmpq_set_si(half, 1, 2);
    caustic_jet_power(kappa, kappa, half, shape, prec);
    arb_set_arf(y, strip->step);
    caustic_jet_scalar_mul(kappa, kappa, y, shape, prec);
    caustic_jet_mul(res, total, kappa, shape, prec);

    _arb_vec_clear(kappa, length);
    _arb_vec_clear(distance, length);
    _arb_vec_clear(term, length);
    _arb_vec_clear(total, length);
    arb_clear(nu);
    arb_clear(y);
    arb_clear(loss);
    arf_clear(offset);
    fmpq_clear(half);
}

/* [HEAT-4] E inside every coefficient: that of s^i t^j is at most error/(r_s^i r_t^j). */
static void
add_error(arb_ptr jet, const caustic_jet_shape * shape, const caustic_strip_t strip)
{
    slong k;
    const slong * exponents;
    arb_t bound, x;
    mag_t radius;

    arb_init(bound);
    arb_init(x);
    mag_init(radius);
    for (k = 0; k < caustic_jet_length(shape); k++)
    {
        exponents = caustic_jet_exponents(shape, k);
        arb_set_arf(x, strip->radius_s);
        arb_pow_ui(x, x, exponents[0], 64);
        arb_div(bound, strip->error, x, 64);
        arb_set_arf(x, strip->radius_t);
        arb_pow_ui(x, x, exponents[1], 64);
        arb_div(bound, bound, x, 64);
        arb_get_mag(radius, bound);
        arb_add_error_mag(jet + k, radius);
    }
    arb_clear(bound);
    arb_clear(x);
    mag_clear(radius);
}

/* From the jet in (s, t) to that in (z, t): sum c_ij (s(z) - s_0)^i tau^j. */
static void
compose_map(arb_ptr res, arb_srcptr jet, arb_srcptr map, const caustic_jet_shape * shape, slong prec)
{
    slong length = caustic_jet_length(shape), i, j, k;
    const slong * exponents;
    arb_ptr power, step, sum;

    power = _arb_vec_init(length);
    step = _arb_vec_init(length);
    sum = _arb_vec_init(length);
    _arb_vec_set(step, map, length);
    arb_zero(step);
    arb_one(power);
    for (i = 0; i <= ORDER; i++)
    {
        for (j = 0; i + j <= ORDER; j++)
        {
            /* power only has monomials in z: times tau^j is a shift of the exponents */
            for (k = 0; k < length; k++)
            {
                exponents = caustic_jet_exponents(shape, k);
                if (exponents[1] == 0 && exponents[0] + j <= ORDER)
                {
                    arb_addmul(sum + index_of(shape, exponents[0], j), power + k,
                        jet + index_of(shape, i, j), prec);
                }
            }
        }
        caustic_jet_mul(power, power, step, shape, prec);
    }
    _arb_vec_set(res, sum, length);
    _arb_vec_clear(power, length);
    _arb_vec_clear(step, length);
    _arb_vec_clear(sum, length);
}

/* v_t + d_z(g v^2/2 - nu (g v_z + b v)) with v = u_z, every derivative from the jet of u. */
static void
burgers_residual(arb_t res, arb_srcptr u, arb_srcptr g, arb_srcptr b, const problem_t problem,
    const caustic_jet_shape * shape, slong prec)
{
    slong length = caustic_jet_length(shape);
    arb_ptr v, flux, x;
    arb_t nu;

    v = _arb_vec_init(length);
    flux = _arb_vec_init(length);
    x = _arb_vec_init(length);
    arb_init(nu);
    arb_set_fmpq(nu, problem->viscosity, prec);
    caustic_jet_derivative(v, u, 0, shape, prec);
    caustic_jet_derivative(flux, v, 0, shape, prec);
    caustic_jet_mul(flux, flux, g, shape, prec);
    caustic_jet_mul(x, b, v, shape, prec);
    caustic_jet_add(flux, flux, x, shape, prec);
    arb_neg(nu, nu);
    caustic_jet_scalar_mul(flux, flux, nu, shape, prec);
    caustic_jet_mul(x, v, v, shape, prec);
    caustic_jet_mul(x, x, g, shape, prec);
    arb_one(nu);
    arb_mul_2exp_si(nu, nu, -1);
    caustic_jet_scalar_mul(x, x, nu, shape, prec);
    caustic_jet_add(flux, flux, x, shape, prec);
    arb_add(res, v + index_of(shape, 0, 1), flux + index_of(shape, 1, 0), prec);
    _arb_vec_clear(v, length);
    _arb_vec_clear(flux, length);
    _arb_vec_clear(x, length);
    arb_clear(nu);
}

/* The terms of the kernel sum are positive and their jets are known relative to them: bits for the digits, for the size of the
   exponents, and for what u's third derivative loses, but none for how small phi is. Only a guide: balls say what came out. */
static slong
working_precision(slong digits, double nats)
{
    return (slong) (3.33 * (digits + 6) + 6 * log2(2 + fabs(nats))) + 128;
}

/* Radii of discs on which the kernel grows by few powers of e, where the mass is so far from s. Returns how many nats the
   derivatives of u take: E's are divided by powers of the radii, and u's third has phi's slope to the third power. */
static double
choose_radii(arf_t radius_s, arf_t radius_t, double nu, double time, double far)
{
    double kappa = 1 / (4 * nu * time), rs = fmin(0.6 * sqrt(nu * time), 2.5 / fmax(kappa * far, 1e-300));
    double rt = fmin(time / 8, 5 * time / fmax(kappa * far * far, 1e-300));

    arf_set_d(radius_t, rt);
    arf_set_round(radius_t, radius_t, 12, ARF_RND_DOWN);
    arf_set_d(radius_s, rs);
    arf_set_round(radius_s, radius_s, 12, ARF_RND_DOWN);
    return 3 * fmax(0, log(fmax(1 / rs, 2 * kappa * far))) + fmax(0, -log(rt));
}

#define NEEDS_BITS (-1)
#define EXPANSIONS 4 /* attempts */

/* The jet of u at (z, t) and what the equations need of it, aiming at errors of 10^-digits: 1. 0
   where no strip was found, or none with a reach of at most `most`; NEEDS_BITS: more than the limit. */
static int
expand(terms_t terms, const problem_t problem, const fmpq_t z, const fmpq_t t, slong digits, slong most)
{
    caustic_jet_shape * shape = caustic_jet_shape_new(2, ORDER);
    slong length = caustic_jet_length(shape), prec, attempt, pass;
    caustic_strip_t strip;
    arf_t radius_s, radius_t;
    arb_ptr block, phi, zjet, out[2];
    arb_srcptr in[1];
    arb_t zb, tb, scale;
    double nu, time, nats, shortfall, small, far;
    int found = 0;

    caustic_strip_init(strip);
    arf_init(radius_s);
    arf_init(radius_t);
    block = _arb_vec_init(6 * length);
    phi = block;
    zjet = block + length;
    in[0] = zjet;
    arb_init(zb);
    arb_init(tb);
    arb_init(scale);
    nu = problem->nu;
    time = fmpq_get_d(t);
    nats = 2.302585092994046 * (digits + 6) + 12;
    for (attempt = 0; attempt < EXPANSIONS && !found; attempt++)
    {
        /* the place first, to choose the strip, whose aim says how many bits are needed */
        prec = 64;
        for (pass = 0; pass < 2; pass++)
        {
            arb_set_fmpq(zb, z, prec);
            arb_set_fmpq(tb, t, prec);
            out[0] = block + 2 * length;
            out[1] = block + 3 * length;
            caustic_jet_variable(zjet, zb, 0, shape);
            caustic_tape_evaluate_jet(out, problem->map, in, shape, prec);
            if (pass == 0)
            {
                small = fmax(0, caustic_line_peak(&far, problem->line, out[0], tb));
                prec = (attempt + 1) * working_precision(digits, small + nats);
            }
            if (pass == 0 && attempt == 0)
            {
                nats += choose_radii(radius_s, radius_t, nu, time, far);
            }
        }
        if (prec > problem->options->precision_limit)
        {
            found = NEEDS_BITS;
            break;
        }
        if (caustic_strip_find(strip, problem->line,
            out[0], tb, radius_s, radius_t, small + nats) != CAUSTIC_OK || strip->reach > most)
        {
            break;
        }
        kernel_sum(phi, shape, problem, strip, out[0], tb, prec);
        add_error(phi, shape, strip);
        plant_error(phi, phi + index_of(shape, 2, 0), phi + index_of(shape, 0, 1), problem->options,
            fmpq_equal(z, problem->options->box->lower) && fmpq_equal(t, problem->options->time->lower));
        compose_map(phi, phi, out[0], shape, prec);
        caustic_jet_function(phi, CAUSTIC_OP_LOG, phi, shape, prec);
        arb_set_fmpq(scale, problem->viscosity, prec);
        arb_mul_si(scale, scale, -2, prec);
        caustic_jet_scalar_mul(phi, phi, scale, shape, prec);

        out[0] = block + 4 * length;
        out[1] = block + 5 * length;
        caustic_tape_evaluate_jet(out, problem->equation, in, shape, prec);
        arb_set(terms->u_t, phi + index_of(shape, 0, 1));
        arb_set(terms->u_z, phi + index_of(shape, 1, 0));
        arb_mul_2exp_si(terms->u_zz, phi + index_of(shape, 2, 0), 1);
        arb_set(terms->g, out[0]);
        arb_set(terms->b, out[1]);
        burgers_residual(terms->burgers, phi, out[0], out[1], problem, shape, prec);
        found = arb_is_finite(terms->burgers) && arb_is_finite(terms->u_t) && arb_is_finite(terms->u_z)
            && arb_is_finite(terms->u_zz);
        /* an enclosure that is not finite or too wide: aim further */
        found = found && arb_rel_accuracy_bits(terms->u_t) > 0
            && mag_cmp_2exp_si(arb_radref(terms->burgers), -(slong) (3.3 * digits)) < 0;
        if (!found && attempt + 1 < EXPANSIONS)
        {
            shortfall = 3.3 * digits + mag_get_d_log2_approx(arb_radref(terms->burgers));
            nats = shortfall > 0 && shortfall < 1e6 ? nats + 0.7 * shortfall + 3 : 1.5 * nats;
        }
        else
        {
            found = 1;
        }
    }
    _arb_vec_clear(block, 6 * length);
    caustic_strip_clear(strip);
    arf_clear(radius_s);
    arf_clear(radius_t);
    arb_clear(zb);
    arb_clear(tb);
    arb_clear(scale);
    caustic_jet_shape_free(shape);
    return found;
}

/* u_t + half g u_z^2 - nu (g u_zz + b u_z), altered: nu, g, b and the factor 1/2 multiplied. */
static void
altered_residual(arb_t res, const terms_t terms, const problem_t problem, const fmpq_t viscosity,
    const fmpq_t cometric, const fmpq_t drift, const fmpq_t half)
{
    slong prec = problem->options->precision_limit;
    arb_t x, y, g;

    arb_init(x);
    arb_init(y);
    arb_init(g);
    arb_mul_fmpz(g, terms->g, fmpq_numref(cometric), prec);
    arb_div_fmpz(g, g, fmpq_denref(cometric), prec);
    arb_mul(x, terms->b, terms->u_z, prec);
    arb_mul_fmpz(x, x, fmpq_numref(drift), prec);
    arb_div_fmpz(x, x, fmpq_denref(drift), prec);
    arb_addmul(x, g, terms->u_zz, prec);
    arb_set_fmpq(y, problem->viscosity, prec);
    arb_mul(x, x, y, prec);
    arb_mul_fmpz(x, x, fmpq_numref(viscosity), prec);
    arb_div_fmpz(x, x, fmpq_denref(viscosity), prec);
    arb_sqr(y, terms->u_z, prec);
    arb_mul(y, y, g, prec);
    arb_mul_fmpz(y, y, fmpq_numref(half), prec);
    arb_div_fmpz(y, y, fmpq_denref(half), prec);
    arb_mul_2exp_si(y, y, -1);
    arb_add(res, terms->u_t, y, prec);
    arb_sub(res, res, x, prec);
    arb_clear(x);
    arb_clear(y);
    arb_clear(g);
}

/* A decimal that is at most |x| for every x of the ball. */
static void
print_size(caustic_text_t out, const arb_t x, slong digits)
{
    arf_t end;
    arb_t size;

    arf_init(end);
    arb_init(size);
    arb_get_abs_lbound_arf(end, x, 64);
    arb_set_arf(size, end);
    caustic_print_lower(out, size, digits);
    arf_clear(end);
    arb_clear(size);
}

/* What one point says about one residual. */
static void
judge(outcome_t outcome, const arb_t residual, const problem_t problem, const fmpq_t z, const fmpq_t t)
{
    arb_t size, tolerance;
    char * at_z = fmpq_get_str(NULL, 10, z);
    char * at_t = fmpq_get_str(NULL, 10, t);

    arb_init(size);
    arb_init(tolerance);
    arb_set_fmpq(tolerance, problem->options->tolerance, 64);
    arb_abs(size, residual);
    if (!arb_is_finite(residual))
    {
        if (outcome->verdict == CAUSTIC_PROVED)
        {
            outcome->verdict = CAUSTIC_UNDECIDED;
        }
    }
    else if (!arb_contains_zero(residual))
    {
        outcome->verdict = CAUSTIC_REFUTED;
        caustic_text_printf(outcome->detail, "; at z = %s, t = %s the residual excludes 0: it is at least ",
            at_z, at_t);
        print_size(outcome->detail, residual, 6);
    }
    else if (!arb_lt(size, tolerance) && outcome->verdict == CAUSTIC_PROVED)
    {
        outcome->verdict = CAUSTIC_UNDECIDED;
        caustic_text_printf(outcome->detail, "; at z = %s, t = %s the jets stay above the tolerance", at_z, at_t);
    }
    arb_clear(size);
    arb_clear(tolerance);
    flint_free(at_z);
    flint_free(at_t);
}

typedef struct
{
    const char * name;
    const char * viscosity;
    const char * cometric;
    const char * drift;
    const char * half;
}
alteration_struct;

static const alteration_struct ALTERATIONS[] =
{
    {"viscosity times 1.01", "101/100", "1", "1", "1"},
    {"drift dropped", "1", "1", "0", "1"},
    {"cometric times 1 + 1e-6", "1", "1000001/1000000", "1", "1"},
    {"factor 1/2 dropped", "1", "1", "1", "2"}
};

#define ALTERATION_COUNT ((slong) (sizeof(ALTERATIONS) / sizeof(ALTERATIONS[0])))
#define DRIFT_DROPPED 1

/* [RESIDUAL-7] Alterations that the case provably satisfies: all for a constant loss (u is the
   constant), the drift where it vanishes. */
static int
provably_satisfied(const problem_t problem, slong alteration)
{
    return problem->constant_loss || (alteration == DRIFT_DROPPED && problem->zero_drift);
}

static void
try_alterations(caustic_residual_result_t result, int * refuted, const terms_t terms,
    const problem_t problem, const fmpq_t z, const fmpq_t t)
{
    fmpq_t viscosity, cometric, drift, half;
    arb_t residual;
    slong k;

    fmpq_init(viscosity);
    fmpq_init(cometric);
    fmpq_init(drift);
    fmpq_init(half);
    arb_init(residual);
    for (k = 0; k < ALTERATION_COUNT; k++)
    {
        if (refuted[k] || provably_satisfied(problem, k))
        {
            continue;
        }
        fmpq_set_str(viscosity, ALTERATIONS[k].viscosity, 10);
        fmpq_set_str(cometric, ALTERATIONS[k].cometric, 10);
        fmpq_set_str(drift, ALTERATIONS[k].drift, 10);
        fmpq_set_str(half, ALTERATIONS[k].half, 10);
        altered_residual(residual, terms, problem, viscosity, cometric, drift, half);
        if (arb_is_finite(residual) && arb_is_nonzero(residual))
        {
            char * at_z = fmpq_get_str(NULL, 10, z);
            char * at_t = fmpq_get_str(NULL, 10, t);

            refuted[k] = 1;
            caustic_text_printf(result->altered, "%s: refuted at z = %s, t = %s, residual at least ",
                ALTERATIONS[k].name, at_z, at_t);
            print_size(result->altered, residual, 3);
            caustic_text_append(result->altered, "; ");
            flint_free(at_z);
            flint_free(at_t);
        }
    }
    fmpq_clear(viscosity);
    fmpq_clear(cometric);
    fmpq_clear(drift);
    fmpq_clear(half);
    arb_clear(residual);
}

static void
say_points(outcome_t outcome, const problem_t problem, int points, int short_of_bits)
{
    if (points == POINTS)
    {
        caustic_text_printf(outcome->detail, "; independent jets at %d points", points);
        return;
    }
    caustic_text_printf(outcome->detail, "; independent jets at %d of %d points", points, POINTS);
    if (short_of_bits > 0)
    {
        caustic_text_printf(outcome->detail, " (at %d the precision limit of %ld bits is too low)", short_of_bits,
            (long) problem->options->precision_limit);
    }
}

void
point_residuals(outcome_t hamilton_jacobi, outcome_t burgers, caustic_residual_result_t result,
    const problem_t problem)
{
    terms_t terms;
    arb_t residual;
    fmpq_t z, t, one;
    slong i, k, digits = tolerance_digits(problem->options);
    int refuted[ALTERATION_COUNT] = {0};
    int points = 0, missing = 1, short_of_bits = 0, found;

    terms_init(terms);
    arb_init(residual);
    fmpq_init(z);
    fmpq_init(t);
    fmpq_init(one);
    fmpq_one(one);
    for (i = 0; i < POINTS; i++)
    {
        sample_point(z, t, problem->options, i);
        found = expand(terms, problem, z, t, digits, WORD_MAX);
        if (found != 1)
        {
            short_of_bits += found == NEEDS_BITS;
            arb_indeterminate(residual);
            judge(hamilton_jacobi, residual, problem, z, t);
            judge(burgers, residual, problem, z, t);
            continue;
        }
        points++;
        altered_residual(residual, terms, problem, one, one, one, one);
        judge(hamilton_jacobi, residual, problem, z, t);
        judge(burgers, terms->burgers, problem, z, t);
        try_alterations(result, refuted, terms, problem, z, t);
    }
    /* Where the solution has nearly levelled out an altered equation fails by very little. */
    for (i = 0; i < SHARPER && missing && points > 0; i++)
    {
        digits = 3 * digits + 20;
        missing = 0;
        for (k = 0; k < ALTERATION_COUNT; k++)
        {
            missing = missing || (!refuted[k] && !provably_satisfied(problem, k));
        }
        sample_point(z, t, problem->options, SHARP_POINT);
        if (missing && expand(terms, problem, z, t, digits, SHARP_REACH) == 1)
        {
            try_alterations(result, refuted, terms, problem, z, t);
        }
    }
    say_points(hamilton_jacobi, problem, points, short_of_bits);
    say_points(burgers, problem, points, short_of_bits);
    for (k = 0; k < ALTERATION_COUNT; k++)
    {
        if (!provably_satisfied(problem, k))
        {
            result->altered_tried++;
            result->altered_refuted += refuted[k];
            if (!refuted[k])
            {
                caustic_text_printf(result->altered, "%s: no point found that refutes it; ", ALTERATIONS[k].name);
            }
        }
    }
    terms_clear(terms);
    arb_clear(residual);
    fmpq_clear(z);
    fmpq_clear(t);
    fmpq_clear(one);
}
