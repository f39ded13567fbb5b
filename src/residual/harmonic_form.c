/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    harmonic_form: proves that a quotient is a circle or a sphere of which the chart leaves out one point, and that the loss
    is a smooth function there. Nothing is taken from the name that the case gives to it.
*/

#include <string.h>
#include <flint/arb_mat.h>
#include <flint/fmpz_poly.h>
#include "harmonic.h"
#include "identity.h"

#define SYMBOL_NAME "x'" /* no user can write it */
#define PREC 128

/* Small steps in the field *******************************************************************/

/* Whether two expressions in one symbol agree on an interval. */
static truth_t
agree_on(caustic_text_t why, const char * what, caustic_pool * pool, caustic_expr a, caustic_expr b, caustic_expr symbol,
    const caustic_interval_t domain)
{
    truth_t answer;
    gr_ctx_t ctx;

    caustic_field_ctx_init(ctx, pool, &symbol, domain, 1);
    answer = vanishes(why, what, caustic_sub(pool, a, b), ctx);
    gr_ctx_clear(ctx);
    return answer;
}

/* (0, inf) or (-inf, 0) */
static void
half_line(caustic_interval_t res, int positive)
{
    caustic_interval_init(res);
    if (positive)
        res->lower_infinite = res->lower_closed = 0;
    else
        res->upper_infinite = res->upper_closed = 0;
    fmpq_zero(positive ? res->lower : res->upper);
}

static caustic_verdict
verdict_of(truth_t truth)
{
    return truth == T_TRUE ? CAUSTIC_PROVED : truth == T_FALSE ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED;
}

static int
is_whole_space(const caustic_interval_struct * domain, slong length)
{
    int answer = 1;

    for (slong i = 0; i < length; i++)
        answer = answer && domain[i].lower_infinite && domain[i].upper_infinite;
    return answer;
}

/* A field over the coordinates of the quotient. */
static void
field_of_chart(gr_ctx_t ctx, const caustic_setting_struct * setting)
{
    caustic_field_ctx_init(ctx, setting->pool, setting->coordinate, setting->coordinate_domain, setting->coordinates);
}

/* The map ************************************************************************************/

truth_t
is_harmonic_map(caustic_text_t why, caustic_expr map, const caustic_expr * symbols, slong length, const caustic_expr * cometric,
    const caustic_expr * drift, const harmonic_form_t form, gr_ctx_t ctx)
{
    caustic_pool * pool = caustic_field_pool(ctx);
    caustic_expr * first = flint_malloc((size_t) length * sizeof(caustic_expr));
    caustic_expr square = caustic_integer(pool, 0), operator = caustic_integer(pool, 0), wanted = caustic_number(pool, form->rate);
    truth_t answer;

    for (slong i = 0; i < length; i++)
        first[i] = caustic_derivative(pool, map, symbols[i]);
    for (slong i = 0; i < length; i++)
    {
        for (slong j = 0; j < length; j++)
        {
            caustic_expr entry = cometric[i * length + j];

            square = caustic_add(pool, square, caustic_mul(pool, entry, caustic_mul(pool, first[i], first[j])));
            operator = caustic_add(pool, operator, caustic_mul(pool, entry, caustic_derivative(pool, first[i], symbols[j])));
        }
        operator = caustic_add(pool, operator, caustic_mul(pool, drift[i], first[i]));
    }
    if (form->sphere > 2)
    {
        wanted = caustic_sub(pool, wanted, caustic_power_si(pool, map, 2));
        operator = caustic_add(pool, operator, caustic_mul(pool, caustic_integer(pool, form->sphere - 1), map));
    }

    answer = vanishes(why, form->sphere > 2 ? "that the map has |dx|^2 = 1 - x^2" : "that the map is an isometry",
        caustic_sub(pool, square, wanted), ctx);
    if (answer == T_TRUE)
        answer = vanishes(why, form->sphere > 2 ? "that the map has L x = -(n - 1) x" : "that L annihilates the map", operator, ctx);
    flint_free(first);
    return answer;
}

/* The circle *********************************************************************************/

/* g = kappa q^2, q = a z^2 + b z + c without real roots: kappa and q, and 4ac - b^2 > 0. */
static int
square_of_quadratic(fmpq_t kappa, fmpz_poly_t q, fmpz_t discriminant, gr_srcptr g, gr_ctx_t ctx)
{
    fmpz_poly_t numerator, denominator;
    fmpz_t content;
    int found = 0;

    fmpz_poly_init(numerator);
    fmpz_poly_init(denominator);
    fmpz_init(content);
    if (caustic_field_get_fmpz_poly_q(numerator, denominator, g, 0, ctx) && fmpz_poly_degree(denominator) == 0
        && fmpz_poly_degree(numerator) == 4)
    {
        fmpz_poly_content(content, numerator);
        fmpz_poly_scalar_divexact_fmpz(numerator, numerator, content);
        fmpq_set_fmpz_frac(kappa, content, denominator->coeffs);
        found = fmpz_poly_sqrt(q, numerator) && fmpz_poly_degree(q) == 2;
    }
    if (found)
    {
        fmpz_poly_discriminant(discriminant, q);
        fmpz_neg(discriminant, discriminant);
        found = fmpz_sgn(discriminant) > 0 && fmpq_sgn(kappa) > 0;
    }
    fmpz_poly_clear(numerator);
    fmpz_poly_clear(denominator);
    fmpz_clear(content);
    return found;
}

/* [HEAT-20] angle = 2 atan((2az + b)/sqrt(D)), rate = kappa D; and z as a function of x = tan(angle/2). */
static void
set_angle(harmonic_form_t form, caustic_expr * inverse, const fmpq_t kappa, const fmpz_poly_t q, const fmpz_t discriminant,
    caustic_pool * pool, caustic_expr z)
{
    fmpq_t number;
    caustic_expr root, two_a, b;

    fmpq_init(number);
    fmpq_mul_fmpz(form->rate, kappa, discriminant);
    fmpz_set(fmpq_numref(number), discriminant);
    root = caustic_sqrt(pool, caustic_number(pool, number));
    fmpz_mul_2exp(fmpq_numref(number), q->coeffs + 2, 1);
    two_a = caustic_number(pool, number);
    fmpz_set(fmpq_numref(number), q->coeffs + 1);
    b = caustic_number(pool, number);

    form->tangent = caustic_div(pool, caustic_add(pool, caustic_mul(pool, two_a, z), b), root);
    *inverse = caustic_div(pool, caustic_sub(pool, caustic_mul(pool, root, form->symbol), b), two_a);
    form->map = caustic_mul(pool, caustic_integer(pool, 2), caustic_function(pool, CAUSTIC_OP_ATAN, form->tangent));
    fmpq_clear(number);
}

/* The case's own map is the length along the circle. */
static truth_t
is_length(caustic_text_t why, caustic_expr given, const harmonic_form_t form, const caustic_reduction_struct * reduction,
    gr_ctx_t ctx)
{
    harmonic_form_t length;
    truth_t answer;

    *length = *form;
    fmpq_init(length->rate);
    fmpq_one(length->rate);
    answer = is_harmonic_map(why, given, reduction->setting->coordinate, 1, reduction->cometric_expr, reduction->drift_expr, length, ctx);
    fmpq_clear(length->rate);
    return answer;
}

/* e in lowest terms on the whole line, where that is shorter: roots that cancel would hide that it is analytic. */
static caustic_expr
in_lowest_terms(caustic_pool * pool, caustic_expr e, caustic_expr symbol)
{
    caustic_interval_t line;
    caustic_expr other;

    caustic_interval_init(line);
    other = caustic_lowest_terms(pool, e, symbol, line);
    caustic_interval_clear(line);
    return other != CAUSTIC_NONE && caustic_expr_nodes(pool, other) < caustic_expr_nodes(pool, e) ? other : e;
}

/* [HEAT-20] The loss in both charts of the circle: the one at infinity must agree with the other on both sides. */
static truth_t
set_loss_on_circle(harmonic_form_t form, caustic_text_t why, caustic_expr inverse, caustic_expr loss, const caustic_setting_struct * setting)
{
    caustic_pool * pool = setting->pool;
    caustic_expr reciprocal = caustic_power_si(pool, form->symbol, -1), turned;
    truth_t answer = T_TRUE;

    form->near = in_lowest_terms(pool, caustic_substitute(pool, loss, setting->coordinate, &inverse, 1), form->symbol);
    turned = caustic_substitute(pool, form->near, &form->symbol, &reciprocal, 1);
    for (int positive = 1; positive >= 0 && answer == T_TRUE; positive--)
    {
        caustic_interval_t side;

        half_line(side, positive);
        if (positive)
            form->far = caustic_lowest_terms(pool, turned, form->symbol, side);
        answer = form->far == CAUSTIC_NONE ? T_UNKNOWN
            : agree_on(why, "that the loss is one function around the point that the chart leaves out", pool, form->far, turned,
                form->symbol, side);
        caustic_interval_clear(side);
    }
    if (form->far == CAUSTIC_NONE)
        caustic_text_append(why, "the loss at the point that the chart leaves out was not found");
    return answer;
}

/* The section as a curve in 1/x that passes through infinity: one expression for both sides, `length` of them. */
static int
section_at_infinity(caustic_expr * curve, const harmonic_form_t form, caustic_expr inverse, const caustic_setting_struct * setting)
{
    caustic_pool * pool = setting->pool;
    caustic_expr reciprocal = caustic_power_si(pool, form->symbol, -1);
    caustic_expr z = caustic_substitute(pool, inverse, &form->symbol, &reciprocal, 1);
    caustic_text_t ignored;
    int found = setting->has_section;

    caustic_text_init(ignored);
    for (slong a = 0; a < setting->parameters && found; a++)
    {
        caustic_expr turned = caustic_substitute(pool, setting->section[a], setting->coordinate, &z, 1);

        for (int positive = 1; positive >= 0 && found; positive--)
        {
            caustic_interval_t side;

            half_line(side, positive);
            if (positive)
                curve[a] = caustic_lowest_terms(pool, turned, form->symbol, side);
            found = curve[a] != CAUSTIC_NONE
                && agree_on(ignored, "", pool, curve[a], turned, form->symbol, side) == T_TRUE;
            caustic_interval_clear(side);
        }
    }
    caustic_text_clear(ignored);
    return found;
}

/* Whether the domains contain theta and A is positive definite there. */
static int
is_inside(arb_srcptr theta, const caustic_setting_struct * setting)
{
    slong n = setting->parameters;
    caustic_tape * metric = caustic_tape_new(setting->pool, setting->inverse_metric, n * n, setting->parameter, n);
    arb_ptr values = _arb_vec_init(n * n);
    arb_mat_t A;
    int inside = metric != NULL && is_whole_space(setting->parameter_domain, n) && _arb_vec_is_finite(theta, n);

    arb_mat_init(A, n, n);
    if (inside)
    {
        caustic_tape_evaluate_arb(values, metric, theta, PREC);
        for (slong k = 0; k < n * n; k++)
            arb_set(arb_mat_entry(A, k / n, k % n), values + k);
        inside = arb_mat_cho(A, A, PREC);
    }
    arb_mat_clear(A);
    _arb_vec_clear(values, n * n);
    caustic_tape_free(metric);
    return inside;
}

/* cos and sin of the angle of pi(theta), in lowest terms; x = tan(angle/2): (1 - x^2)/(1 + x^2) and 2x/(1 + x^2). */
static caustic_tape *
angle_of_parameters(const harmonic_form_t form, const caustic_setting_struct * setting)
{
    caustic_pool * pool = setting->pool;
    caustic_expr one = caustic_integer(pool, 1), circle[2], square;
    caustic_expr x = caustic_substitute(pool, form->tangent, setting->coordinate, setting->invariant, 1);
    caustic_tape * tape = NULL;
    gr_ctx_t ctx;
    gr_ptr e;
    int found = 1;

    square = caustic_add(pool, one, caustic_power_si(pool, x, 2));
    circle[0] = caustic_div(pool, caustic_sub(pool, one, caustic_power_si(pool, x, 2)), square);
    circle[1] = caustic_div(pool, caustic_mul(pool, caustic_integer(pool, 2), x), square);
    caustic_field_ctx_init(ctx, pool, setting->parameter, setting->parameter_domain, setting->parameters);
    GR_TMP_INIT(e, ctx);
    for (int i = 0; i < 2 && found; i++)
    {
        found = circle[i] != CAUSTIC_NONE && caustic_field_set_expr(e, circle[i], ctx) == GR_SUCCESS;
        if (found)
            circle[i] = caustic_field_get_expr(e, ctx);
    }
    if (found)
        tape = caustic_tape_new(pool, circle, 2, setting->parameter, setting->parameters);
    GR_TMP_CLEAR(e, ctx);
    gr_ctx_clear(ctx);
    return tape;
}

/* Whether the tape's functions are analytic near theta. */
static int
is_analytic_at(const caustic_tape * tape, arb_srcptr theta, slong n)
{
    acb_ptr near = _acb_vec_init(n), out = _acb_vec_init(2);
    arb_t room;
    int answer;

    arb_init(room);
    arb_set_d(room, 0x1p-30);
    for (slong a = 0; a < n; a++)
    {
        acb_set_arb(near + a, theta + a);
        arb_add_error(acb_realref(near + a), room);
        arb_add_error(acb_imagref(near + a), room);
    }
    caustic_tape_evaluate_acb(out, tape, near, PREC);
    answer = acb_is_finite(out) && acb_is_finite(out + 1);
    arb_clear(room);
    _acb_vec_clear(near, n);
    _acb_vec_clear(out, 2);
    return answer;
}

/* [HEAT-27] The ends of the chart meet in parameter space: the section runs through infinity at a point theta* inside, and
   there cos and sin of the angle of pi(theta) are analytic. */
static int
ends_meet(caustic_text_t why, const harmonic_form_t form, caustic_expr inverse, const caustic_setting_struct * setting)
{
    slong n = setting->parameters;
    caustic_expr * curve = flint_calloc((size_t) n, sizeof(caustic_expr));
    caustic_tape * section = NULL, * angle = angle_of_parameters(form, setting);
    arb_ptr theta = _arb_vec_init(n);
    arb_t zero;
    int meet;

    arb_init(zero);
    if (section_at_infinity(curve, form, inverse, setting))
        section = caustic_tape_new(setting->pool, curve, n, &form->symbol, 1);
    meet = section != NULL && angle != NULL;
    if (meet)
    {
        caustic_tape_evaluate_arb(theta, section, zero, PREC);
        meet = is_inside(theta, setting) && is_analytic_at(angle, theta, n);
    }
    if (!meet)
        caustic_text_append(why, "the two ends of the chart were not seen to meet in parameter space: the quotient may be an interval");

    caustic_tape_free(section);
    caustic_tape_free(angle);
    flint_free(curve);
    arb_clear(zero);
    _arb_vec_clear(theta, n);
    return meet;
}

static caustic_verdict
circle_init(harmonic_form_t form, caustic_text_t why, const caustic_reduction_struct * reduction, caustic_expr given, caustic_expr loss)
{
    const caustic_setting_struct * setting = reduction->setting;
    caustic_expr inverse = CAUSTIC_NONE;
    fmpz_poly_t q;
    fmpz_t discriminant;
    fmpq_t kappa;
    gr_ctx_t ctx;
    gr_ptr g;
    truth_t proved = T_UNKNOWN;

    form->sphere = 2;
    fmpz_poly_init(q);
    fmpz_init(discriminant);
    fmpq_init(kappa);
    field_of_chart(ctx, setting);
    GR_TMP_INIT(g, ctx);

    if (setting->coordinates != 1 || !is_whole_space(setting->coordinate_domain, 1)
        || caustic_field_set_expr(g, reduction->cometric_expr[0], ctx) != GR_SUCCESS
        || !square_of_quadratic(kappa, q, discriminant, g, ctx))
        caustic_text_append(why, "a circle is known by one coordinate on (-inf, inf) and a cometric that is the square of a quadratic without"
            " real roots");
    else
    {
        set_angle(form, &inverse, kappa, q, discriminant, setting->pool, setting->coordinate[0]);
        proved = is_harmonic_map(why, form->map, setting->coordinate, 1, reduction->cometric_expr, reduction->drift_expr, form, ctx);
    }
    if (proved == T_TRUE && given != CAUSTIC_NONE)
        proved = is_length(why, given, form, reduction, ctx);
    if (proved == T_TRUE && !ends_meet(why, form, inverse, setting))
        proved = T_UNKNOWN;
    /* A loss that does not close up says nothing against the equations. */
    if (proved == T_TRUE && set_loss_on_circle(form, why, inverse, loss, setting) != T_TRUE)
        proved = T_UNKNOWN;
    if (proved == T_TRUE)
    {
        caustic_text_append(form->proof, "a circle of length 2*pi");
        if (!fmpq_is_one(form->rate))
        {
            char * rate = fmpq_get_str(NULL, 10, form->rate);

            caustic_text_printf(form->proof, "/sqrt(%s)", rate);
            flint_free(rate);
        }
        caustic_text_append(form->proof, " without one point, where the ends of the chart meet in parameter space");
    }

    GR_TMP_CLEAR(g, ctx);
    gr_ctx_clear(ctx);
    fmpz_poly_clear(q);
    fmpz_clear(discriminant);
    fmpq_clear(kappa);
    return verdict_of(proved);
}

/* Spheres ************************************************************************************/

/* [HEAT-26] The stereographic chart of S^d without (0, ..., 0, -1): g^{ij} = ((1 + |z|^2)/2)^2 delta_ij,
   b_i = -(d - 2) (1 + |z|^2) z_i/2, on the whole of R^d. */
static truth_t
is_stereographic(caustic_text_t why, const caustic_reduction_struct * reduction, gr_ctx_t ctx)
{
    const caustic_setting_struct * setting = reduction->setting;
    caustic_pool * pool = setting->pool;
    slong d = setting->coordinates;
    caustic_expr scale = caustic_integer(pool, 1);
    truth_t answer = T_TRUE;

    for (slong i = 0; i < d; i++)
        scale = caustic_add(pool, scale, caustic_power_si(pool, setting->coordinate[i], 2));
    scale = caustic_div(pool, scale, caustic_integer(pool, 2));

    for (slong i = 0; i < d && answer == T_TRUE; i++)
    {
        caustic_expr drift = caustic_mul(pool, caustic_integer(pool, 2 - d), caustic_mul(pool, scale, setting->coordinate[i]));

        answer = vanishes(why, "that the drift is that of a stereographic chart", caustic_sub(pool, reduction->drift_expr[i], drift), ctx);
        for (slong j = 0; j < d && answer == T_TRUE; j++)
        {
            caustic_expr entry = i == j ? caustic_power_si(pool, scale, 2) : caustic_integer(pool, 0);

            answer = vanishes(why, "that the cometric is that of a stereographic chart",
                caustic_sub(pool, reduction->cometric_expr[i * d + j], entry), ctx);
        }
    }
    return answer;
}

/* The numbers c with map = c . omega: c_n = map(0), c_i = d_i map(0)/2. 0 where they are not numbers. */
static int
axis_of(caustic_expr * c, caustic_expr map, const caustic_setting_struct * setting)
{
    caustic_pool * pool = setting->pool;
    slong d = setting->coordinates;
    caustic_expr * zeros = flint_malloc((size_t) d * sizeof(caustic_expr));
    int found = 1;

    for (slong i = 0; i < d; i++)
        zeros[i] = caustic_integer(pool, 0);
    for (slong i = 0; i <= d && found; i++)
    {
        c[i] = i < d ? caustic_div(pool, caustic_derivative(pool, map, setting->coordinate[i]), caustic_integer(pool, 2)) : map;
        c[i] = caustic_substitute(pool, c[i], setting->coordinate, zeros, d);
        found = c[i] != CAUSTIC_NONE && caustic_expr_op(pool, c[i]) == CAUSTIC_OP_NUMBER;
    }
    flint_free(zeros);
    return found;
}

/* A half circle from c to -c: omega = x c + sqrt(1 - x^2) e, e a unit vector across c; the coordinates z = omega_i/(1 + omega_n). */
static void
meridian(caustic_expr * z, const caustic_expr * c, caustic_expr x, slong d, caustic_pool * pool)
{
    caustic_expr zero = caustic_integer(pool, 0), height = caustic_sqrt(pool, caustic_sub(pool, caustic_integer(pool, 1),
        caustic_power_si(pool, x, 2)));
    caustic_expr * omega = flint_malloc((size_t) (d + 1) * sizeof(caustic_expr));
    slong free_axis = -1;

    for (slong i = 0; i <= d; i++)
    {
        omega[i] = caustic_mul(pool, x, c[i]);
        if (c[i] == zero)
            free_axis = i;
    }
    if (free_axis >= 0)
        omega[free_axis] = height;
    else
    {
        /* e = (c_2, -c_1, 0, ...)/sqrt(c_1^2 + c_2^2) */
        caustic_expr length = caustic_sqrt(pool, caustic_add(pool, caustic_power_si(pool, c[0], 2), caustic_power_si(pool, c[1], 2)));

        height = caustic_div(pool, height, length);
        omega[0] = caustic_add(pool, omega[0], caustic_mul(pool, height, c[1]));
        omega[1] = caustic_sub(pool, omega[1], caustic_mul(pool, height, c[0]));
    }
    for (slong i = 0; i < d; i++)
        z[i] = caustic_div(pool, omega[i], caustic_add(pool, caustic_integer(pool, 1), omega[d]));
    flint_free(omega);
}

/* The loss as a function of x: found along a meridian, proved everywhere. */
static truth_t
set_zonal_loss(harmonic_form_t form, caustic_text_t why, caustic_expr loss, const caustic_setting_struct * setting, gr_ctx_t ctx)
{
    caustic_pool * pool = setting->pool;
    slong d = setting->coordinates;
    caustic_expr * c = flint_malloc((size_t) (d + 1) * sizeof(caustic_expr)), * z = flint_malloc((size_t) d * sizeof(caustic_expr));
    caustic_interval_t domain;
    truth_t answer = T_UNKNOWN;

    caustic_interval_init(domain);
    domain->lower_infinite = domain->upper_infinite = domain->lower_closed = domain->upper_closed = 0;
    fmpq_set_si(domain->lower, -1, 1);
    fmpq_one(domain->upper);
    if (axis_of(c, form->map, setting))
    {
        meridian(z, c, form->symbol, d, pool);
        form->near = caustic_lowest_terms(pool, caustic_substitute(pool, loss, setting->coordinate, z, d), form->symbol, domain);
    }
    if (form->near == CAUSTIC_NONE)
        caustic_text_append(why, "the loss was not found as a function of the map");
    else
        answer = vanishes(why, "that the loss is a function of the map alone",
            caustic_sub(pool, loss, caustic_substitute(pool, form->near, &form->symbol, &form->map, 1)), ctx);
    caustic_interval_clear(domain);
    flint_free(c);
    flint_free(z);
    return answer;
}

static caustic_verdict
sphere_init(harmonic_form_t form, caustic_text_t why, const caustic_reduction_struct * reduction, caustic_expr given, caustic_expr loss)
{
    const caustic_setting_struct * setting = reduction->setting;
    truth_t proved = T_UNKNOWN;
    gr_ctx_t ctx;

    form->sphere = setting->coordinates + 1;
    form->map = given;
    fmpq_one(form->rate);
    field_of_chart(ctx, setting);
    if (setting->coordinates < 2)
        caustic_text_append(why, "on a circle the normal form is torus");
    else if (given == CAUSTIC_NONE)
        caustic_text_append(why, "the normal form sphere needs a map: one coordinate x of the ambient space, of which the loss is a function");
    else if (!is_whole_space(setting->coordinate_domain, setting->coordinates) || is_stereographic(why, reduction, ctx) != T_TRUE)
    {
        caustic_text_append(why, why->length == 0 ? "" : "; ");
        caustic_text_append(why, "a sphere is known by its stereographic chart on the whole space; other charts may have less of it");
    }
    else
        proved = is_harmonic_map(why, given, setting->coordinate, setting->coordinates, reduction->cometric_expr, reduction->drift_expr,
            form, ctx);
    /* A loss that is not zonal says nothing against the equations. */
    if (proved == T_TRUE && set_zonal_loss(form, why, loss, setting, ctx) != T_TRUE)
        proved = T_UNKNOWN;
    if (proved == T_TRUE)
        caustic_text_printf(form->proof, "the unit sphere of dimension %ld without one point, and a loss that is a function of one coordinate",
            (long) setting->coordinates);
    gr_ctx_clear(ctx);
    return verdict_of(proved);
}

/* Either *************************************************************************************/

/* l' = 0 identically. */
static int
is_constant(const harmonic_form_t form, caustic_pool * pool)
{
    caustic_text_t ignored;
    caustic_interval_t domain;
    int answer;

    caustic_text_init(ignored);
    caustic_interval_init(domain);
    answer = agree_on(ignored, "", pool, caustic_derivative(pool, form->near, form->symbol), caustic_integer(pool, 0), form->symbol, domain)
        == T_TRUE;
    caustic_interval_clear(domain);
    caustic_text_clear(ignored);
    return answer;
}

caustic_verdict
harmonic_form_init(harmonic_form_t form, caustic_text_t why, const caustic_reduction_struct * reduction, const char * kind,
    caustic_expr given, caustic_expr loss)
{
    caustic_pool * pool = reduction->setting->pool;
    caustic_verdict verdict;

    memset(form, 0, sizeof(harmonic_form_struct));
    fmpq_init(form->rate);
    caustic_text_init(form->proof);
    form->symbol = caustic_symbol(pool, SYMBOL_NAME);
    form->map = form->tangent = form->near = form->far = CAUSTIC_NONE;
    if (caustic_reduction_is_punctured(reduction))
    {
        caustic_text_append(why, "the stratum leaves holes in the chart, or is not seen to leave none: what is left is less than a circle or a"
            " sphere without one point");
        verdict = CAUSTIC_UNDECIDED;
    }
    else
        verdict = strcmp(kind, "sphere") == 0 ? sphere_init(form, why, reduction, given, loss)
            : circle_init(form, why, reduction, given, loss);
    form->constant = verdict == CAUSTIC_PROVED && is_constant(form, pool);
    return verdict;
}

void
harmonic_form_clear(harmonic_form_t form)
{
    fmpq_clear(form->rate);
    caustic_text_clear(form->proof);
}
