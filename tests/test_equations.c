/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "quotient.h"

/* The two forms of Burgers' equation agree on every quotient. */
static void
assert_covariant(quotient_struct * q, const caustic_geometry_t geometry)
{
    caustic_equations_t equations;
    caustic_text_t detail;

    caustic_text_init(detail);
    caustic_equations_init(equations, q->pool, q->coordinate, q->dimension, q->cometric_expr, q->drift_expr, geometry);
    assert_true(equations->has_covariant);

    for (slong k = 0; k < q->dimension; k++)
    {
        caustic_text_reset(detail);
        if (caustic_equations_compare(detail, equations, q->domain, equations->burgers_covariant + k,
                equations->burgers + k, caustic_equations_symbol(equations, "v", &k, 1, 1)) != CAUSTIC_PROVED)
            fail_msg("component %ld: %s", (long) k, detail->data);
    }

    caustic_equations_clear(equations);
    caustic_text_clear(detail);
}

static void
check_surface(const char * const * names, int positive_last, const char * const * cometric, const char * const * drift,
    const char * scalar, truth_t flat)
{
    quotient_struct q;
    caustic_geometry_t geometry;

    quotient_init(&q, 2, names, positive_last, cometric, drift);
    caustic_geometry_init(geometry, q.cometric, q.drift, q.ctx);
    assert_int_equal(geometry->status, GR_SUCCESS);
    assert_element(&q, gr_mat_entry_srcptr(geometry->scalar, 0, 0, q.ctx), scalar);
    assert_true(geometry->flat == flat);
    assert_covariant(&q, geometry);
    caustic_geometry_clear(geometry);
    quotient_clear(&q);
}

static const char * const plane[2] = {"x", "y"};

static void
test_surfaces(void ** state)
{
    static const char * const sphere[4] = {"(1 + x^2 + y^2)^2/4", "0", "0", "(1 + x^2 + y^2)^2/4"};
    static const char * const gnomonic[4] = {"(1 + x^2 + y^2)*(1 + x^2)", "(1 + x^2 + y^2)*x*y",
        "(1 + x^2 + y^2)*x*y", "(1 + x^2 + y^2)*(1 + y^2)"};
    static const char * const gnomonic_drift[2] = {"2*x*(1 + x^2 + y^2)", "2*y*(1 + x^2 + y^2)"};
    static const char * const half_plane[4] = {"y^2", "0", "0", "y^2"};
    static const char * const none[2] = {"0", "0"};
    static const char * const some[2] = {"x*y", "x + 1"};
    (void) state;

    check_surface(plane, 0, sphere, none, "2", T_FALSE);
    check_surface(plane, 0, sphere, some, "2", T_FALSE);
    check_surface(plane, 0, gnomonic, gnomonic_drift, "2", T_FALSE);
    check_surface(plane, 1, half_plane, none, "-2", T_FALSE);
    /* (r, phi) with the radius second must not be read as curved: g^{rr} = 1, g^{phi phi} = 1/r^2 */
    check_surface((const char * const [2]) {"x", "y"}, 1, (const char * const [4]) {"1/y^2", "0", "0", "1"}, none, "0", T_TRUE);
}

/* The sphere's Laplacian in the gnomonic chart has the drift of SPEC 1.3: no weight. */
static void
test_weight(void ** state)
{
    static const char * const gnomonic[4] = {"(1 + x^2 + y^2)*(1 + x^2)", "(1 + x^2 + y^2)*x*y",
        "(1 + x^2 + y^2)*x*y", "(1 + x^2 + y^2)*(1 + y^2)"};
    static const char * const drift[2] = {"2*x*(1 + x^2 + y^2)", "2*y*(1 + x^2 + y^2)"};
    static const char * const euclidean[4] = {"1", "0", "0", "1"};
    static const char * const swirl[2] = {"-y", "x"};
    quotient_struct q;
    caustic_geometry_t geometry;
    (void) state;

    quotient_init(&q, 2, plane, 0, gnomonic, drift);
    caustic_geometry_init(geometry, q.cometric, q.drift, q.ctx);
    assert_element(&q, gr_mat_entry_srcptr(geometry->weight, 0, 0, q.ctx), "0");
    assert_element(&q, gr_mat_entry_srcptr(geometry->weight, 1, 0, q.ctx), "0");
    assert_true(geometry->weight_closed == T_TRUE);
    caustic_geometry_clear(geometry);
    quotient_clear(&q);

    quotient_init(&q, 2, plane, 0, euclidean, swirl);
    caustic_geometry_init(geometry, q.cometric, q.drift, q.ctx);
    assert_element(&q, gr_mat_entry_srcptr(geometry->weight, 0, 0, q.ctx), "-y");
    assert_true(geometry->weight_closed == T_FALSE);
    caustic_geometry_clear(geometry);
    quotient_clear(&q);
}

static caustic_verdict
compare(quotient_struct * q, const caustic_equations_t equations, const char * left, const char * right, int burgers)
{
    caustic_equation claimed = {parse(q, left), parse(q, right)};
    slong k = 0;
    caustic_text_t detail;
    caustic_verdict verdict;

    caustic_text_init(detail);
    verdict = burgers
        ? caustic_equations_compare(detail, equations, q->domain, &claimed, equations->burgers,
            caustic_equations_symbol(equations, "v", &k, 1, 1))
        : caustic_equations_compare(detail, equations, q->domain, &claimed, &equations->hamilton_jacobi,
            caustic_equations_symbol(equations, "u", NULL, 0, 1));
    assert_true(detail->length > 0);
    caustic_text_clear(detail);
    return verdict;
}

static truth_t
defined(quotient_struct * q, const caustic_equations_t equations, const char * left, const char * right, int punctured)
{
    caustic_equation claimed = {parse(q, left), parse(q, right)};
    caustic_text_t why;
    truth_t answer;

    caustic_text_init(why);
    answer = caustic_equations_is_defined(why, equations, q->domain, &claimed, punctured);
    assert_true((answer == T_TRUE) == (why->length == 0));
    caustic_text_clear(why);
    return answer;
}

static void
test_claims(void ** state)
{
    static const char * const one[1] = {"x"};
    static const char * const cometric[1] = {"2*x^2"};
    static const char * const drift[1] = {"2*x"};
    quotient_struct q;
    caustic_equations_t e;
    caustic_text_t text;
    (void) state;

    quotient_init(&q, 1, one, 1, cometric, drift);
    caustic_text_init(text);
    caustic_equations_init(e, q.pool, q.coordinate, 1, q.cometric_expr, q.drift_expr, NULL);
    assert_false(e->has_covariant);

    /* the same equation in other words */
    assert_int_equal(compare(&q, e, "u_t + x^2*u_x^2", "nu*(2*x^2*u_x_x + 2*x*u_x)", 0), CAUSTIC_PROVED);
    assert_int_equal(compare(&q, e, "2*x*nu*(x*u_x_x + u_x)", "u_t + (x*u_x)^2", 0), CAUSTIC_PROVED);
    assert_int_equal(compare(&q, e, "u_t/x + x*u_x^2 - nu*(2*x*u_x_x + 2*u_x)", "0", 0), CAUSTIC_PROVED);
    assert_int_equal(compare(&q, e, "-7*(u_t + x^2*u_x^2)", "-14*nu*x*(x*u_x_x + u_x)", 0), CAUSTIC_PROVED);
    /* a factor that vanishes on the domain loses a condition there */
    assert_int_equal(compare(&q, e, "(x - 1)*(u_t + x^2*u_x^2)", "(x - 1)*nu*(2*x^2*u_x_x + 2*x*u_x)", 0), CAUSTIC_UNDECIDED);
    assert_int_equal(compare(&q, e, "u_x*(u_t + x^2*u_x^2)", "u_x*nu*(2*x^2*u_x_x + 2*x*u_x)", 0), CAUSTIC_UNDECIDED);
    /* near misses */
    assert_int_equal(compare(&q, e, "u_t + x^2*u_x^2", "nu*(2*x^2*u_x_x + 2*x*u_x) + 10^-60", 0), CAUSTIC_REFUTED);
    assert_int_equal(compare(&q, e, "u_t + x^2*u_x^2", "nu*(2*x^2*u_x_x)", 0), CAUSTIC_REFUTED);
    assert_int_equal(compare(&q, e, "u_t - x^2*u_x^2", "nu*(2*x^2*u_x_x + 2*x*u_x)", 0), CAUSTIC_REFUTED);
    assert_int_equal(compare(&q, e, "x^2*u_x^2", "nu*(2*x^2*u_x_x + 2*x*u_x)", 0), CAUSTIC_REFUTED);
    assert_int_equal(compare(&q, e, "u_t^2", "u_t^2", 0), CAUSTIC_REFUTED);
    assert_int_equal(compare(&q, e, "0", "0", 0), CAUSTIC_REFUTED);
    /* not affine in the time derivative: (1 + E^2) E = 0 says what E = 0 says, E^2 = 0 may too, E (E + 1) = 0
       has more solutions, and E^2 + 10^-40 = 0 none */
    assert_int_equal(compare(&q, e, "(u_t + x^2*u_x^2)^3 + u_t + x^2*u_x^2",
        "nu*(2*x^2*u_x_x + 2*x*u_x)*(1 + 3*(u_t + x^2*u_x^2)^2 - 3*(u_t + x^2*u_x^2)*nu*(2*x^2*u_x_x + 2*x*u_x)"
        " + nu^2*(2*x^2*u_x_x + 2*x*u_x)^2)", 0), CAUSTIC_PROVED);
    assert_int_equal(compare(&q, e, "(u_t + x^2*u_x^2 - nu*(2*x^2*u_x_x + 2*x*u_x))^2", "0", 0), CAUSTIC_UNDECIDED);
    assert_int_equal(compare(&q, e, "(u_t + x^2*u_x^2 - nu*(2*x^2*u_x_x + 2*x*u_x) + 1/2)^2", "1/4", 0), CAUSTIC_UNDECIDED);
    assert_int_equal(compare(&q, e, "(u_t + x^2*u_x^2 - nu*(2*x^2*u_x_x + 2*x*u_x))^2", "-10^-40", 0), CAUSTIC_REFUTED);
    /* undefined somewhere, although equal where defined */
    assert_int_equal(defined(&q, e, "u_t + x^2*u_x^2", "nu*(2*x^2*u_x_x + 2*x*u_x)", 0), T_TRUE);
    assert_int_equal(defined(&q, e, "u_t/x + x*u_x^2", "nu*(2*x*u_x_x + 2*u_x)", 0), T_TRUE);
    assert_int_equal(defined(&q, e, "u_t + x^2*u_x^2 + 0*log(x - 1)", "nu*(2*x^2*u_x_x + 2*x*u_x)", 0), T_FALSE);
    assert_int_equal(defined(&q, e, "u_t*(u_x/u_x) + x^2*u_x^2", "nu*(2*x^2*u_x_x + 2*x*u_x)", 0), T_FALSE);
    assert_int_equal(defined(&q, e, "u_t*((x - 1)/(x - 1)) + x^2*u_x^2", "nu*(2*x^2*u_x_x + 2*x*u_x)", 1), T_UNKNOWN);
    assert_int_equal(defined(&q, e, "u_t*((x - 1)^2 + u_x^2)/((x - 1)^2 + u_x^2) + x^2*u_x^2", "nu*(2*x^2*u_x_x + 2*x*u_x)", 0), T_UNKNOWN);

    assert_int_equal(compare(&q, e, "v_x_t + 2*x*v_x^2 + 2*x^2*v_x*v_x_x",
        "nu*(2*x^2*v_x_x_x + 6*x*v_x_x + 2*v_x)", 1), CAUSTIC_PROVED);
    assert_int_equal(compare(&q, e, "v_x_t + v_x*v_x_x", "nu*v_x_x_x", 1), CAUSTIC_REFUTED);

    caustic_equation_print(text, q.pool, &e->hamilton_jacobi);
    assert_non_null(strstr(text->data, "u_t"));
    assert_non_null(strstr(text->data, " = "));
    caustic_text_reset(text);
    caustic_equation_latex(text, q.pool, &e->heat);
    assert_non_null(strstr(text->data, "\\nu"));

    caustic_equations_clear(e);
    caustic_text_clear(text);
    quotient_clear(&q);
}

/* Claims of Burgers' equation on the 2 x 2 head ****************************************************/

static const char * const head_names[4] = {"m11", "m12", "m21", "m22"};
static const char * const head_drift[4] = {"2*m11", "2*m12", "2*m21", "2*m22"};
static const char * const head_cometric[16] =
{
    "m11^2 + m21^2 + m11^2 + m12^2", "m11*m12 + m21*m22", "m11*m21 + m12*m22", "0",
    "m11*m12 + m21*m22", "m12^2 + m22^2 + m11^2 + m12^2", "0", "m11*m21 + m12*m22",
    "m11*m21 + m12*m22", "0", "m11^2 + m21^2 + m21^2 + m22^2", "m11*m12 + m21*m22",
    "0", "m11*m21 + m12*m22", "m11*m12 + m21*m22", "m12^2 + m22^2 + m21^2 + m22^2"
};

/* The verdict on component k of the covariant equation without some of its terms; lacking: a sorted list of
   what the detail must name, "" for nothing. */
static void
check_covariant_claim(quotient_struct * q, int without_ricci, int without_weight, const char * lacking)
{
    caustic_geometry_t geometry;
    caustic_equations_t derived, claimed;
    caustic_text_t detail;

    caustic_text_init(detail);
    caustic_geometry_init(geometry, q->cometric, q->drift, q->ctx);
    caustic_equations_init(derived, q->pool, q->coordinate, q->dimension, q->cometric_expr, q->drift_expr, NULL);
    if (without_ricci)
        GR_MUST_SUCCEED(gr_mat_zero(geometry->ricci, q->ctx));
    if (without_weight)
        GR_MUST_SUCCEED(gr_mat_zero(geometry->weight, q->ctx));
    caustic_equations_init(claimed, q->pool, q->coordinate, q->dimension, q->cometric_expr, q->drift_expr, geometry);

    for (slong k = 0; k < q->dimension; k++)
    {
        const char * named;

        caustic_text_reset(detail);
        assert_int_equal(caustic_equations_compare(detail, derived, q->domain, claimed->burgers_covariant + k,
            derived->burgers + k, caustic_equations_symbol(derived, "v", &k, 1, 1)), CAUSTIC_REFUTED);
        named = strstr(detail->data, "; it lacks ");
        assert_non_null(strstr(detail->data, "it differs from the derived equation: at m11 = "));
        if (named == NULL || strcmp(named + strlen("; it lacks "), lacking) != 0)
            fail_msg("component %ld: %s", (long) k, detail->data);
    }

    caustic_equations_clear(derived);
    caustic_equations_clear(claimed);
    caustic_geometry_clear(geometry);
    caustic_text_clear(detail);
}

/* The flat equation claimed for a real Transformer head (SPEC 1.3). */
static void
test_missing_terms(void ** state)
{
    quotient_struct q;
    (void) state;

    quotient_init(&q, 4, head_names, 0, head_cometric, head_drift);
    check_covariant_claim(&q, 1, 1, "the curvature term -R_kj v^j and the weight terms W^j D_j v_k and (D_k W_j) v^j");
    check_covariant_claim(&q, 1, 0, "the curvature term -R_kj v^j");
    check_covariant_claim(&q, 0, 1, "the weight terms W^j D_j v_k and (D_k W_j) v^j");
    quotient_clear(&q);
}

/* claimed component of Burgers' equation; wanted: in the detail, or NULL where nothing may be said to be lacking */
static void
check_burgers(quotient_struct * q, slong k, const char * left, const char * right, caustic_verdict verdict, const char * wanted)
{
    caustic_equations_t e;
    caustic_equation claimed = {parse(q, left), parse(q, right)};
    caustic_text_t detail;

    caustic_text_init(detail);
    caustic_equations_init(e, q->pool, q->coordinate, q->dimension, q->cometric_expr, q->drift_expr, NULL);
    if (caustic_equations_compare(detail, e, q->domain, &claimed, e->burgers + k,
            caustic_equations_symbol(e, "v", &k, 1, 1)) != verdict)
        fail_msg("%s = %s: %s", left, right, detail->data);
    if (wanted != NULL ? strstr(detail->data, wanted) == NULL : strstr(detail->data, "lacks") != NULL)
        fail_msg("%s = %s: %s", left, right, detail->data);
    caustic_equations_clear(e);
    caustic_text_clear(detail);
}

static void
test_missing_coordinate_terms(void ** state)
{
    static const char * const one[1] = {"x"};
    static const char * const cometric[1] = {"2*x^2"};
    static const char * const drift[1] = {"2*x"};
    quotient_struct q;
    (void) state;

    /* v_t + 2 x^2 v v_x + 2 x v^2 = nu (2 x^2 v_xx + 4 x v_x + 2 x v_x + 2 v); flat, no weight, Gamma = -1/x */
    quotient_init(&q, 1, one, 1, cometric, drift);
    check_burgers(&q, 0, "3*v_x_t + 6*x^2*v_x*v_x_x + 6*x*v_x^2", "nu*(6*x^2*v_x_x_x + 18*x*v_x_x + 6*v_x)", CAUSTIC_PROVED, "times 3");
    check_burgers(&q, 0, "v_x_t + 2*x^2*v_x*v_x_x + 2*x*v_x^2", "nu*(2*x^2*v_x_x_x + 4*x*v_x_x)", CAUSTIC_REFUTED,
        "coefficient of v_x_x in left minus right is -8, and should be -12; it lacks the drift terms");
    check_burgers(&q, 0, "v_x_t + 2*x^2*v_x*v_x_x + 2*x*v_x^2", "nu*(2*x^2*v_x_x_x + 4*x*v_x_x + 2*v_x)", CAUSTIC_REFUTED,
        "; it lacks the drift term b^i d_i v_k");
    check_burgers(&q, 0, "v_x_t + 2*x^2*v_x*v_x_x + 2*x*v_x^2", "nu*(2*x^2*v_x_x_x + 6*x*v_x_x)", CAUSTIC_REFUTED,
        "; it lacks the drift term (d_k b^i) v_i");
    check_burgers(&q, 0, "v_x_t + 2*x^2*v_x*v_x_x", "nu*(2*x^2*v_x_x_x + 6*x*v_x_x + 2*v_x)", CAUSTIC_REFUTED,
        "; it lacks the Christoffel term of v^j D_j v_k");
    check_burgers(&q, 0, "v_x_t + 2*x^2*v_x*v_x_x + 2*x*v_x^2", "nu*(2*x^2*v_x_x_x + 2*x*v_x_x + 2*v_x)", CAUSTIC_REFUTED,
        "; it lacks the derivative of the cometric on the right");
    check_burgers(&q, 0, "v_x_t + v_x*v_x_x", "nu*v_x_x_x", CAUSTIC_REFUTED,
        "; it lacks the Christoffel terms and the cometric (there is the identity matrix in its place)");
    /* wrong in another way: nothing is said to be lacking */
    check_burgers(&q, 0, "v_x_t + 2*x^2*v_x*v_x_x + 2*x*v_x^2", "nu*(2*x^2*v_x_x_x + 4*x*v_x_x + 10^-50*v_x)", CAUSTIC_REFUTED, NULL);
    check_burgers(&q, 0, "v_x_t + 2*x^2*v_x*v_x_x + 2*x*v_x^2", "nu*(2*x^2*v_x_x_x + 5*x*v_x_x)", CAUSTIC_REFUTED, NULL);
    check_burgers(&q, 0, "v_x_t + 2*x^2*v_x*v_x_x + 2*x*v_x^2 + nu", "nu*(2*x^2*v_x_x_x + 6*x*v_x_x + 2*v_x)", CAUSTIC_REFUTED, NULL);
    /* a factor of nu or of the coordinates; an unknown in the denominator */
    check_burgers(&q, 0, "v_x_t/nu + (2*x^2*v_x*v_x_x + 2*x*v_x^2)/nu", "2*x^2*v_x_x_x + 6*x*v_x_x + 2*v_x", CAUSTIC_PROVED, NULL);
    check_burgers(&q, 0, "v_x_t/(1 + v_x^2)", "(nu*(2*x^2*v_x_x_x + 6*x*v_x_x + 2*v_x) - 2*x^2*v_x*v_x_x - 2*x*v_x^2)/(1 + v_x^2)",
        CAUSTIC_PROVED, NULL);
    check_burgers(&q, 0, "v_x_t/(1 + v_x^2)", "(nu*(2*x^2*v_x_x_x + 6*x*v_x_x + 3*v_x) - 2*x^2*v_x*v_x_x - 2*x*v_x^2)/(1 + v_x^2)",
        CAUSTIC_REFUTED, NULL);
    check_burgers(&q, 0, "exp(x)*v_x_t", "exp(x)*(nu*(2*x^2*v_x_x_x + 6*x*v_x_x + 2*v_x) - 2*x^2*v_x*v_x_x - 2*x*v_x^2)",
        CAUSTIC_PROVED, NULL);
    quotient_clear(&q);
}

/* What is printed is in lowest terms: d(x + 1/x) = (x^2 - 1)/x^2, d(x - 1/x) = (x^2 + 1)/x^2. */
static void
test_lowest_terms(void ** state)
{
    static const char * const one[1] = {"x"};
    static const char * const cometric[1] = {"(x^2 + 1)/x"};
    static const char * const drift[1] = {"(x^2 - 1)/x"};
    quotient_struct q;
    caustic_equations_t e;
    caustic_text_t text;
    (void) state;

    quotient_init(&q, 1, one, 1, cometric, drift);
    caustic_text_init(text);
    caustic_equations_init(e, q.pool, q.coordinate, 1, q.cometric_expr, q.drift_expr, NULL);
    caustic_equation_print(text, q.pool, e->burgers);
    if (strstr(text->data, "(x^2 - 1)*v_x^2/(2*x^2)") == NULL || strstr(text->data, "(x^2 + 1)*v_x/x^2") == NULL)
        fail_msg("%s", text->data);
    caustic_text_clear(text);
    caustic_equations_clear(e);
    quotient_clear(&q);
}

/* Eight dimensions: the equation itself, in other words, and one coefficient off by 10^-40. */
static void
test_many_dimensions(void ** state)
{
    static const char * const names[8] = {"z1", "z2", "z3", "z4", "z5", "z6", "z7", "z8"};
    char entry[64][120], shift[8][80];
    const char * cometric[64];
    const char * drift[8];
    quotient_struct q;
    caustic_equations_t e;
    caustic_text_t detail;
    (void) state;

    for (slong i = 0; i < 8; i++)
    {
        snprintf(shift[i], 80, "-5*z%ld", (long) i + 1);
        drift[i] = shift[i];
        for (slong j = 0; j < 8; j++)
        {
            snprintf(entry[8 * i + j], 120, "%sz%ld*z%ld", i == j ? "z1^2+z2^2+z3^2+z4^2+z5^2+z6^2+z7^2+z8^2+" : "", (long) i + 1, (long) j + 1);
            cometric[8 * i + j] = entry[8 * i + j];
        }
    }

    caustic_text_init(detail);
    quotient_init(&q, 8, names, 1, cometric, drift);
    caustic_equations_init(e, q.pool, q.coordinate, 8, q.cometric_expr, q.drift_expr, NULL);
    for (slong k = 0; k < 8; k += 7)
    {
        caustic_expr factor = parse(&q, "z8^2 + 1/7"), pivot = caustic_equations_symbol(e, "v", &k, 1, 1);
        caustic_equation claimed = {caustic_mul(q.pool, factor, e->burgers[k].left), caustic_mul(q.pool, factor, e->burgers[k].right)};

        assert_int_equal(caustic_equations_compare(detail, e, q.domain, &claimed, e->burgers + k, pivot), CAUSTIC_PROVED);
        claimed.right = caustic_add(q.pool, claimed.right, parse(&q, "10^-40*z3*v_z1_z2"));
        assert_int_equal(caustic_equations_compare(detail, e, q.domain, &claimed, e->burgers + k, pivot), CAUSTIC_REFUTED);
    }
    caustic_equations_clear(e);
    quotient_clear(&q);
    caustic_text_clear(detail);
}

/* v_y_x and v_x_y are the same derivative, since v is a differential. */
static void
test_mixed_derivatives(void ** state)
{
    static const char * const euclidean[4] = {"1", "0", "0", "1"};
    static const char * const none[2] = {"0", "0"};
    quotient_struct q;
    caustic_equations_t e;
    (void) state;

    quotient_init(&q, 2, plane, 0, euclidean, none);
    caustic_equations_init(e, q.pool, q.coordinate, 2, q.cometric_expr, q.drift_expr, NULL);
    assert_int_equal(compare(&q, e, "u_t + (u_x^2 + u_y^2)/2 + u_x_y", "nu*(u_x_x + u_y_y) + u_y_x", 0), CAUSTIC_PROVED);
    assert_int_equal(compare(&q, e, "u_t + (u_x^2 + u_y^2)/2 + u_x_y", "nu*(u_x_x + u_y_y)", 0), CAUSTIC_REFUTED);
    caustic_equations_clear(e);
    quotient_clear(&q);
}

static void
test_degenerate_cometric(void ** state)
{
    static const char * const degenerate[4] = {"1", "x", "x", "x^2"};
    static const char * const none[2] = {"0", "0"};
    quotient_struct q;
    caustic_geometry_t geometry;
    (void) state;

    quotient_init(&q, 2, plane, 0, degenerate, none);
    caustic_geometry_init(geometry, q.cometric, q.drift, q.ctx);
    assert_true(geometry->status != GR_SUCCESS);
    assert_true(geometry->flat == T_UNKNOWN);
    caustic_geometry_clear(geometry);
    quotient_clear(&q);
}

/* A quotient of its own, and one claim that holds many times over; counts the wrong verdicts. */
static void *
claim_repeatedly(void * wrong)
{
    static const char * const euclidean[4] = {"1", "0", "0", "1"};
    static const char * const none[2] = {"0", "0"};
    quotient_struct q;
    caustic_equations_t e;

    quotient_init(&q, 2, plane, 0, euclidean, none);
    caustic_equations_init(e, q.pool, q.coordinate, 2, q.cometric_expr, q.drift_expr, NULL);
    for (slong i = 0; i < 150; i++)
        if (compare(&q, e, "u_t + (u_x^2 + u_y^2)/2 + u_x_y", "nu*(u_x_x + u_y_y) + u_y_x", 0) != CAUSTIC_PROVED)
            ++*(slong *) wrong;
    caustic_equations_clear(e);
    quotient_clear(&q);
    flint_cleanup();
    return NULL;
}

/* Cases are worked on at the same time: nothing in one thread may depend on what another does. */
static void
test_threads(void ** state)
{
    pthread_t threads[4];
    slong wrong[4] = {0, 0, 0, 0};
    (void) state;

    for (slong i = 0; i < 4; i++)
        assert_int_equal(pthread_create(threads + i, NULL, claim_repeatedly, wrong + i), 0);
    for (slong i = 0; i < 4; i++)
    {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(wrong[i], 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_surfaces),
        cmocka_unit_test(test_weight),
        cmocka_unit_test(test_claims),
        cmocka_unit_test(test_missing_terms),
        cmocka_unit_test(test_missing_coordinate_terms),
        cmocka_unit_test(test_lowest_terms),
        cmocka_unit_test(test_many_dimensions),
        cmocka_unit_test(test_mixed_derivatives),
        cmocka_unit_test(test_degenerate_cometric),
        cmocka_unit_test(test_threads),
    };

    int failures = cmocka_run_group_tests_name("equations", tests, NULL, NULL);

    flint_cleanup_master();
    return failures;
}
