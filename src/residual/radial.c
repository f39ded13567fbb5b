/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    radial: the checks on the half line of the Bessel operator. The solution is a sum of its kernels at the nodes of panels, an exact
    solution, and a rest that is bounded on polydiscs.
*/

#include <math.h>
#include <string.h>
#include "base/ball.h"
#include "radial.h"

#define PREC 64
#define KINK_BITS 1024
#define ALTERED_DIGITS 16

static radial_struct *
own(const solution_struct * solution)
{
    return (radial_struct *) solution->data;
}

slong
radial_precision(const solution_struct * solution)
{
    return 4 * tolerance_digits(solution->options) + 2 * PREC;
}

/* The kernel *********************************************************************************/

/* A function exp(p) (a Lambda(x) + b Lambda'(x)), Lambda'' = Lambda - ((n - 1)/x) Lambda'. */
typedef struct
{
    caustic_expr a, b;
}
pair;

/* Its derivative by v, in the same form; p_v and x_v are those of p and x. */
static pair
pair_derivative(caustic_pool * pool, pair f, caustic_expr v, caustic_expr p_v, caustic_expr x, caustic_expr x_v, caustic_expr n)
{
    caustic_expr damping = caustic_div(pool, caustic_sub(pool, n, caustic_integer(pool, 1)), x);
    pair res;

    res.a = caustic_add(pool, caustic_derivative(pool, f.a, v), caustic_add(pool, caustic_mul(pool, p_v, f.a), caustic_mul(pool, x_v, f.b)));
    res.b = caustic_add(pool, caustic_derivative(pool, f.b, v), caustic_add(pool, caustic_mul(pool, p_v, f.b), caustic_mul(pool, x_v, f.a)));
    res.b = caustic_sub(pool, res.b, caustic_mul(pool, caustic_mul(pool, damping, x_v), f.b));
    return res;
}

/* The two coefficients of (K_t - nu (g K_zz + b K_z))/exp(p) for K = t^(-n/2) exp(-(r^2 + y^2)/(4 nu t)) Lambda(r y/(2 nu t)). */
static void
write_defect(caustic_expr * defect, const caustic_expr * symbols, const solution_struct * solution)
{
    caustic_pool * pool = own(solution)->pool;
    caustic_expr z = symbols[0], t = symbols[1], y = symbols[2], nu = symbols[3], two = caustic_integer(pool, 2);
    caustic_expr r = own(solution)->flat->map, n = caustic_number(pool, own(solution)->flat->dimension);
    caustic_expr two_nu_t = caustic_mul(pool, two, caustic_mul(pool, nu, t)), p, p_t, p_z, x, x_t, x_z;
    caustic_expr g = solution->reduction->cometric_expr[0], b = solution->reduction->drift_expr[0];
    pair k = {caustic_integer(pool, 1), caustic_integer(pool, 0)}, k_t, k_z, k_zz;

    p = caustic_add(pool, caustic_power_si(pool, r, 2), caustic_power_si(pool, y, 2));
    p = caustic_neg(pool, caustic_div(pool, p, caustic_mul(pool, two, two_nu_t)));
    x = caustic_div(pool, caustic_mul(pool, r, y), two_nu_t);
    p_z = caustic_derivative(pool, p, z);
    x_z = caustic_derivative(pool, x, z);
    /* t^(-n/2) belongs to exp(p) */
    p_t = caustic_sub(pool, caustic_derivative(pool, p, t), caustic_div(pool, n, caustic_mul(pool, two, t)));
    x_t = caustic_derivative(pool, x, t);
    k_t = pair_derivative(pool, k, t, p_t, x, x_t, n);
    k_z = pair_derivative(pool, k, z, p_z, x, x_z, n);
    k_zz = pair_derivative(pool, k_z, z, p_z, x, x_z, n);
    defect[0] = caustic_add(pool, caustic_mul(pool, g, k_zz.a), caustic_mul(pool, b, k_z.a));
    defect[0] = caustic_sub(pool, k_t.a, caustic_mul(pool, nu, defect[0]));
    defect[1] = caustic_add(pool, caustic_mul(pool, g, k_zz.b), caustic_mul(pool, b, k_z.b));
    defect[1] = caustic_sub(pool, k_t.b, caustic_mul(pool, nu, defect[1]));
}

/* [HEAT-50] The kernel solves the heat equation with the g and b of the reduction, identically in the field over (z, t, y, nu). */
static truth_t
kernel_solves_heat_equation(caustic_text_t witness_text, const solution_struct * solution)
{
    const caustic_setting_struct * setting = solution->reduction->setting;
    caustic_pool * pool = setting->pool;
    caustic_expr symbols[4] = {setting->coordinate[0], caustic_symbol(pool, "t'"), caustic_symbol(pool, "y'"), caustic_symbol(pool, "nu'")};
    caustic_expr defect[2];
    caustic_interval_struct domains[4];
    caustic_witness_t witness;
    gr_ctx_t ctx;
    gr_ptr e;
    truth_t zero = T_TRUE;

    for (slong i = 0; i < 4; i++)
    {
        caustic_interval_init(domains + i);
        if (i == 0)
            caustic_interval_set(domains, setting->coordinate_domain);
        else
            domains[i].lower_infinite = domains[i].lower_closed = 0;
    }
    write_defect(defect, symbols, solution);
    caustic_witness_init(witness, 4);
    caustic_field_ctx_init(ctx, pool, symbols, domains, 4);
    GR_TMP_INIT(e, ctx);
    for (int i = 0; i < 2 && zero == T_TRUE; i++)
    {
        zero = T_UNKNOWN;
        if (defect[i] != CAUSTIC_NONE && caustic_field_set_expr(e, defect[i], ctx) == GR_SUCCESS)
            zero = caustic_field_is_zero(e, witness, ctx);
        if (zero == T_FALSE)
            caustic_witness_print(witness_text, witness, ctx);
    }
    GR_TMP_CLEAR(e, ctx);
    gr_ctx_clear(ctx);
    caustic_witness_clear(witness);
    for (slong i = 0; i < 4; i++)
        caustic_interval_clear(domains + i);
    return zero;
}

/* The solution *******************************************************************************/

/* Radii of polydiscs for times from `first` on: 2^-part of it. */
void
radial_radii(arf_t radius_s, arf_t radius_t, const solution_struct * solution, const arf_t first, slong part)
{
    arf_mul_2exp_si(radius_t, first, -part);
    arf_set_round(radius_t, radius_t, 12, ARF_RND_DOWN);
    arf_set_d(radius_s, 0.6 * sqrt(fmpq_get_d(solution->viscosity) * arf_get_d(first, ARF_RND_DOWN)));
    arf_mul_2exp_si(radius_s, radius_s, 3 - part);
    arf_set_round(radius_s, radius_s, 12, ARF_RND_DOWN);
}

void
radial_values(arb_ptr value, const solution_struct * solution, const arb_t r, const arb_t t, double more, slong prec)
{
    caustic_profile_struct * profile = own(solution)->profile;
    caustic_panels_t panels;
    arb_t loss;
    arf_t radius_s, radius_t;
    double nats;

    caustic_panels_init(panels);
    arb_init(loss);
    arf_init(radius_s);
    arf_init(radius_t);
    radial_radii(radius_s, radius_t, solution, arb_midref(t), 4);
    caustic_tape_evaluate_arb(loss, profile->whole, r, PREC);
    nats = 2.302585092994046 * (double) (tolerance_digits(solution->options) + 14)
        + fmax(0, ball_guess(loss) / (2 * fmpq_get_d(solution->viscosity)))
        + fmax(0, -3 * log(arf_get_d(radius_s, ARF_RND_NEAR))) + more;
    _arb_vec_indeterminate(value, RADIAL_VALUES);
    if (nats < RADIAL_NATS && caustic_panels_find(panels, profile, r, t, radius_s, radius_t, nats) == CAUSTIC_OK)
    {
        caustic_panels_expand(value, value + 4, panels, profile, r, t, prec);
        arb_mul_ui(value + 2, value + 2, 2, prec);
        arb_mul_ui(value + 3, value + 3, 6, prec);
    }
    caustic_panels_clear(panels);
    arb_clear(loss);
    arf_clear(radius_s);
    arf_clear(radius_t);
}

/* The same, computed once. */
static void
remembered_values(arb_ptr value, const solution_struct * solution, const arb_t r, const arb_t t, slong prec)
{
    radial_struct * radial = own(solution);
    remembered * memory = radial->memory;

    for (slong i = 0; i < RADIAL_MEMORIES; i++, memory++)
        if (memory->prec == prec && arb_equal(memory->r, r) && arb_equal(memory->t, t))
        {
            _arb_vec_set(value, memory->value, RADIAL_VALUES);
            return;
        }
    radial_values(value, solution, r, t, 0, prec);
    memory = radial->memory + radial->oldest;
    radial->oldest = (radial->oldest + 1) % RADIAL_MEMORIES;
    memory->prec = prec;
    arb_set(memory->r, r);
    arb_set(memory->t, t);
    _arb_vec_set(memory->value, value, RADIAL_VALUES);
}

static void
derivatives_of_phi(derivatives_t phi, const solution_struct * solution, arb_srcptr z, const fmpq_t t, slong prec)
{
    arb_ptr chart = _arb_vec_init(4), value = _arb_vec_init(RADIAL_VALUES);
    arb_t time;

    arb_init(time);
    arb_set_fmpq(time, t, prec);
    caustic_tape_evaluate_arb(chart, own(solution)->chart, z, prec);
    remembered_values(value, solution, chart, time, prec);
    compose_derivatives(phi, value, chart, prec);
    arb_clear(time);
    _arb_vec_clear(chart, 4);
    _arb_vec_clear(value, RADIAL_VALUES);
}

/* Initial data *******************************************************************************/

/* [RESIDUAL-50] The number N of normal variables: n, or the integer below it and 2. */
static slong
normal_variables(const fmpq_t n)
{
    fmpz_t floor;
    slong whole;

    fmpz_init(floor);
    fmpz_fdiv_q(floor, fmpq_numref(n), fmpq_denref(n));
    whole = fmpz_get_si(floor);
    fmpz_clear(floor);
    return fmpz_is_one(fmpq_denref(n)) ? whole : whole + 2;
}

/* The loss's Lipschitz constant and the rest of [RESIDUAL-50] within `radius` of r. */
static int
shape_near(arb_t slope, arb_t jump, arb_t growth, const solution_struct * solution, const arb_t r, double radius)
{
    arb_t x, end;
    arf_t from, to;

    arb_init(x);
    arb_init(end);
    arf_init(from);
    arf_init(to);
    arb_set_d(x, radius);
    arb_sub(end, r, x, 4 * PREC);
    arb_get_lbound_arf(from, end, 4 * PREC);
    if (arf_sgn(from) < 0)
        arf_zero(from);
    arb_add(end, r, x, 4 * PREC);
    arb_get_ubound_arf(to, end, 4 * PREC);
    caustic_profile_shape(slope, jump, growth, own(solution)->profile, from, to);
    arb_sub_arf(growth, growth, own(solution)->lower, PREC);
    arb_clear(x);
    arb_clear(end);
    arf_clear(from);
    arf_clear(to);
    return arb_is_finite(slope) && arb_is_finite(jump) && arb_is_finite(growth);
}

/* The first of 10^-k for which the bound is below the tolerance, on a radius outside of which the Gaussian is negligible. Returns k,
   0 where there is none. */
static slong
find_time(fmpq_t tau, arb_t bound, const solution_struct * solution, const arb_t r)
{
    const caustic_residual_options * options = solution->options;
    double nu = fmpq_get_d(solution->viscosity), room, radius;
    slong digits = FLINT_MAX(tolerance_digits(options), ALTERED_DIGITS), found = 0;
    slong variables = normal_variables(own(solution)->flat->dimension);
    arb_t slope, jump, growth, tolerance;

    arb_init(slope);
    arb_init(jump);
    arb_init(growth);
    arb_init(tolerance);
    arb_set_fmpq(tolerance, options->tolerance, PREC);
    if (shape_near(slope, jump, growth, solution, r, 0))
    {
        room = 4.6 * (double) digits + 40 + fmax(0, ball_guess(growth)) / nu;
        radius = 2 * (double) variables * sqrt(nu * fmpq_get_d(options->time->lower) * 1e-4 * room);
        if (shape_near(slope, jump, growth, solution, r, radius))
            for (slong k = digits; k < 3 * digits + 60 && found == 0; k++)
            {
                power_of_ten(tau, -k);
                lipschitz_bound(bound, slope, jump, growth, variables, radius, solution->viscosity, tau);
                found = arb_is_finite(bound) && arb_le(bound, tolerance) ? k : 0;
            }
    }
    arb_clear(slope);
    arb_clear(jump);
    arb_clear(growth);
    arb_clear(tolerance);
    return found;
}

static void
initial_data_of_radius(outcome_t outcome, caustic_residual_result_t result, const solution_struct * solution)
{
    arb_t r, slope;
    fmpq_t tau;
    slong digits;

    arb_init(r);
    arb_init(slope);
    fmpq_init(tau);
    radial_image(r, slope, solution);
    digits = find_time(tau, outcome->bound, solution, r);
    if (digits > 0)
        compare_initial_data(outcome, result, solution, tau, 4 * (tolerance_digits(solution->options) + digits) + 4 * PREC);
    else
    {
        arb_indeterminate(outcome->bound);
        caustic_text_append(outcome->detail, "lacking: a Lipschitz constant of the loss near the box");
    }
    arb_clear(r);
    arb_clear(slope);
    fmpq_clear(tau);
}

/* The driver *********************************************************************************/

static void
verify_viscosity(caustic_residual_result_t result, solution_struct * solution, truth_t kernel, const char * witness)
{
    static const char * const method = "sums of Bessel kernels over panels, errors on polydiscs [HEAT-50] [HEAT-52] [RESIDUAL-51]";
    outcome_t reduction, hamilton_jacobi, burgers, initial;
    const char * how = "";

    outcome_init(reduction);
    outcome_init(hamilton_jacobi);
    outcome_init(burgers);
    outcome_init(initial);
    radial_parameter_space(reduction, &how, solution);
    radial_residuals(hamilton_jacobi, burgers, solution);
    if (kernel != T_TRUE)
    {
        hamilton_jacobi->verdict = burgers->verdict = kernel == T_FALSE ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED;
        caustic_text_printf(hamilton_jacobi->detail, "; the kernel does not solve the heat equation identically%s%s",
            kernel == T_FALSE ? ": at " : " (the field could not decide)", witness);
    }
    if (hamilton_jacobi->verdict != CAUSTIC_REFUTED)
    {
        try_alterations(result, solution);
        initial_data_of_radius(initial, result, solution);
    }
    add_check(result, "reduction", solution->viscosity, reduction, how);
    add_check(result, "hamilton_jacobi_residual", solution->viscosity, hamilton_jacobi, method);
    add_check(result, "burgers_residual", solution->viscosity, burgers, method);
    add_check(result, "initial_data", solution->viscosity, initial, "closed bound and computed values [RESIDUAL-50]");
    outcome_clear(reduction);
    outcome_clear(hamilton_jacobi);
    outcome_clear(burgers);
    outcome_clear(initial);
}

static void
with_viscosity(caustic_residual_result_t result, solution_struct * solution, const fmpq * viscosity, truth_t kernel, const char * witness)
{
    radial_struct * radial = own(solution);

    solution->viscosity = viscosity;
    for (slong i = 0; i < RADIAL_MEMORIES; i++)
        radial->memory[i].prec = 0;
    if (caustic_profile_init(radial->profile, radial->pool, radial->flat->dimension, radial->flat->s, radial->loss, viscosity,
            radial->lower, NULL, KINK_BITS) == CAUSTIC_OK)
        verify_viscosity(result, solution, kernel, witness);
    else
        undecided(result, viscosity, "the viscosity is not positive or the loss depends on something else than the coordinate");
    caustic_profile_clear(radial->profile);
}

/* A lower bound of the loss, in the coordinate or in r. */
static int
find_lower_bound(radial_struct * radial, const caustic_setting_struct * setting)
{
    caustic_interval_t half;
    int found;

    caustic_interval_init(half);
    half->lower_infinite = half->lower_closed = 0;
    found = caustic_flattening_lower_bound(radial->lower, radial->pool, radial->flat, radial->kernel_loss, setting->coordinate_domain,
        radial->loss, half);
    caustic_interval_clear(half);
    return found;
}

/* Whether it is proved that the quotient is the half line of the Bessel operator; the reason where not. */
static int
is_half_line(caustic_text_t why, solution_struct * solution, caustic_expr given)
{
    const caustic_reduction_struct * reduction = solution->reduction;
    const caustic_setting_struct * setting = reduction->setting;
    const caustic_checks_struct * checks = own(solution)->flat->checks;
    caustic_result found = caustic_flatten_radial(own(solution)->flat, setting->pool, setting->coordinate[0], setting->coordinate_domain,
        reduction->cometric_expr[0], reduction->drift_expr[0], given);

    for (slong i = 0; i < checks->length; i++)
        if (checks->entries[i].verdict != CAUSTIC_PROVED)
            caustic_text_printf(why, "%snot proved to be a half line with the Bessel operator: %s %s (%s)", why->length > 0 ? "; " : "",
                checks->entries[i].name, caustic_verdict_name(checks->entries[i].verdict), checks->entries[i].detail);
    return found == CAUSTIC_OK && caustic_checks_verdict(checks) == CAUSTIC_PROVED;
}

/* Everything that does not depend on the viscosity; the reason where it lacks something. */
static void
prepare(solution_struct * solution, caustic_text_t why, caustic_expr given, const fmpq_t kernel_factor)
{
    const caustic_reduction_struct * reduction = solution->reduction;
    const caustic_setting_struct * setting = reduction->setting;
    radial_struct * radial = own(solution);
    caustic_pool * pool = setting->pool;
    caustic_expr loss = setting->loss_in_parameters ? reduction->loss : setting->loss;

    radial->pool = pool;
    if (setting->coordinates != 1 || !reduction->derived || loss == CAUSTIC_NONE)
        caustic_text_append(why, "the quotient is not one-dimensional, was not derived, or has no loss");
    if (why->length > 0 || !is_half_line(why, solution, given))
        return;
    radial->kernel_loss = caustic_mul(pool, caustic_number(pool, kernel_factor), loss);
    radial->loss = caustic_substitute(pool, radial->kernel_loss, setting->coordinate, &radial->flat->inverse, 1);
    radial->chart = tape_of_map(radial->flat->map, setting);
    solution->constant = field_vanishes(caustic_derivative(pool, loss, setting->coordinate[0]), (gr_ctx_struct *) reduction->downstairs)
        == T_TRUE;
    if (!box_is_bounded(solution->options, setting))
        caustic_text_append(why, "the box is not a bounded part of the coordinate's domain and of positive times");
    else if (fmpq_sgn(solution->options->tolerance) <= 0)
        caustic_text_append(why, "the tolerance is not positive");
    else if (radial->loss == CAUSTIC_NONE || radial->chart == NULL || solution->equations->tape == NULL)
        caustic_text_append(why, "the loss or the equations could not be written in the radius");
    else if (!find_lower_bound(radial, setting))
        caustic_text_append(why, "no lower bound of the loss on the whole half line was found");
}

static void
radial_init(radial_struct * radial)
{
    memset(radial, 0, sizeof(radial_struct));
    caustic_flattening_init(radial->flat);
    arf_init(radial->lower);
    for (slong i = 0; i < RADIAL_MEMORIES; i++)
    {
        arb_init(radial->memory[i].r);
        arb_init(radial->memory[i].t);
        radial->memory[i].value = _arb_vec_init(RADIAL_VALUES);
    }
}

static void
radial_clear(radial_struct * radial)
{
    caustic_tape_free(radial->chart);
    caustic_flattening_clear(radial->flat);
    arf_clear(radial->lower);
    for (slong i = 0; i < RADIAL_MEMORIES; i++)
    {
        arb_clear(radial->memory[i].r);
        arb_clear(radial->memory[i].t);
        _arb_vec_clear(radial->memory[i].value, RADIAL_VALUES);
    }
}

void
verify_radial_planted(caustic_residual_result_t result, const caustic_reduction_t reduction, caustic_expr given,
    const caustic_residual_options * options, const fmpq_t kernel_factor)
{
    radial_struct radial;
    solution_t solution;
    caustic_text_t why, witness;
    truth_t kernel = T_UNKNOWN;

    caustic_text_init(why);
    caustic_text_init(witness);
    radial_init(&radial);
    solution_init(solution, reduction, options);
    solution->data = &radial;
    solution->derivatives = derivatives_of_phi;
    prepare(solution, why, given, kernel_factor);
    if (why->length == 0)
        kernel = kernel_solves_heat_equation(witness, solution);
    for (slong i = 0; i < options->viscosities; i++)
    {
        if (why->length == 0)
            with_viscosity(result, solution, options->viscosity + i, kernel, witness->data);
        else
            undecided(result, options->viscosity + i, why->data);
    }
    conclude_checks(result);
    solution_clear(solution);
    radial_clear(&radial);
    caustic_text_clear(why);
    caustic_text_clear(witness);
}

void
caustic_verify_radial(caustic_residual_result_t result, const caustic_reduction_t reduction, caustic_expr given,
    const caustic_residual_options * options)
{
    fmpq_t one;

    fmpq_init(one);
    fmpq_one(one);
    verify_radial_planted(result, reduction, given, options, one);
    fmpq_clear(one);
}

int
caustic_is_radial(const caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    caustic_flattening_t flat;
    int radial;

    if (setting->coordinates != 1 || !reduction->derived)
        return 0;
    caustic_flattening_init(flat);
    radial = caustic_flatten_radial(flat, setting->pool, setting->coordinate[0], setting->coordinate_domain, reduction->cometric_expr[0],
        reduction->drift_expr[0], CAUSTIC_NONE) == CAUSTIC_OK && caustic_checks_verdict(flat->checks) == CAUSTIC_PROVED
        && fmpq_cmp_si(flat->dimension, 2) >= 0;
    caustic_flattening_clear(flat);
    return radial;
}
