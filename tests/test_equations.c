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
#include <caustic/equations.h>

/* A quotient given outright: coordinates, their domains, cometric and drift as text. */
typedef struct
{
    caustic_pool * pool;
    slong dimension;
    caustic_expr coordinate[4];
    caustic_interval_struct domain[4];
    gr_ctx_t ctx;
    gr_mat_t cometric;
    gr_mat_t drift;
    caustic_expr cometric_expr[16];
    caustic_expr drift_expr[4];
}
quotient_struct;

static caustic_expr
parse(caustic_pool * pool, const char * text)
{
    static const char * const known[] = {"x", "y", "z", "w", "m11", "m12", "m21", "m22", "nu", "u_t", "u_x", "u_x_x",
        "u_y", "u_x_y", "u_y_x", "u_y_y", "v_x", "v_y", "v_x_t", "v_y_t", "v_x_x", "v_x_y", "v_y_x", "v_y_y", "v_x_x_x"};
    caustic_name names[sizeof(known) / sizeof(known[0])];
    slong length = sizeof(known) / sizeof(known[0]);
    caustic_scope scope = {names, length, NULL, 1};
    caustic_error_t error;
    caustic_expr e;

    for (slong i = 0; i < length; i++)
        names[i] = (caustic_name) {known[i], caustic_symbol(pool, known[i])};

    caustic_error_init(error);
    if (caustic_parse(&e, pool, text, &scope, NULL, error) != CAUSTIC_OK)
        fail_msg("%s: %s", text, error->message);
    caustic_error_clear(error);
    return e;
}

static void
quotient_init(quotient_struct * q, slong dimension, const char * const * names, int positive_last,
    const char * const * cometric, const char * const * drift)
{
    q->pool = caustic_pool_new();
    q->dimension = dimension;

    for (slong i = 0; i < dimension; i++)
    {
        q->coordinate[i] = caustic_symbol(q->pool, names[i]);
        caustic_interval_init(q->domain + i);
        if (positive_last && i == dimension - 1)
        {
            q->domain[i].lower_infinite = 0;
            caustic_symbol_assume_positive(q->pool, q->coordinate[i]);
        }
    }

    caustic_field_ctx_init(q->ctx, q->pool, q->coordinate, q->domain, dimension);
    gr_mat_init(q->cometric, dimension, dimension, q->ctx);
    gr_mat_init(q->drift, dimension, 1, q->ctx);

    for (slong i = 0; i < dimension; i++)
    {
        q->drift_expr[i] = parse(q->pool, drift[i]);
        assert_int_equal(caustic_field_set_expr(gr_mat_entry_ptr(q->drift, i, 0, q->ctx), q->drift_expr[i], q->ctx), GR_SUCCESS);

        for (slong j = 0; j < dimension; j++)
        {
            q->cometric_expr[i * dimension + j] = parse(q->pool, cometric[i * dimension + j]);
            assert_int_equal(caustic_field_set_expr(gr_mat_entry_ptr(q->cometric, i, j, q->ctx),
                q->cometric_expr[i * dimension + j], q->ctx), GR_SUCCESS);
        }
    }
}

static void
quotient_clear(quotient_struct * q)
{
    gr_mat_clear(q->cometric, q->ctx);
    gr_mat_clear(q->drift, q->ctx);
    gr_ctx_clear(q->ctx);
    for (slong i = 0; i < q->dimension; i++)
        caustic_interval_clear(q->domain + i);
    caustic_pool_free(q->pool);
}

static void
assert_element(quotient_struct * q, gr_srcptr x, const char * expected)
{
    gr_ptr y;

    GR_TMP_INIT(y, q->ctx);
    assert_int_equal(caustic_field_set_expr(y, parse(q->pool, expected), q->ctx), GR_SUCCESS);
    if (gr_equal(x, y, q->ctx) != T_TRUE)
    {
        char * text = caustic_expr_string(q->pool, caustic_field_get_expr(x, q->ctx));
        fail_msg("%s is not %s", text, expected);
    }
    GR_TMP_CLEAR(y, q->ctx);
}

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

/* The 2 x 2 attention head (SPEC 1.3): scalar curvature 56 (det M)^2 / |M|^4, and a weight. */
static void
test_attention_head(void ** state)
{
    static const char * const names[4] = {"m11", "m12", "m21", "m22"};
    static const char * const drift[4] = {"2*m11", "2*m12", "2*m21", "2*m22"};
    static const char * const cometric[16] =
    {
        "m11^2 + m21^2 + m11^2 + m12^2", "m11*m12 + m21*m22", "m11*m21 + m12*m22", "0",
        "m11*m12 + m21*m22", "m12^2 + m22^2 + m11^2 + m12^2", "0", "m11*m21 + m12*m22",
        "m11*m21 + m12*m22", "0", "m11^2 + m21^2 + m21^2 + m22^2", "m11*m12 + m21*m22",
        "0", "m11*m21 + m12*m22", "m11*m12 + m21*m22", "m12^2 + m22^2 + m21^2 + m22^2"
    };
    quotient_struct q;
    caustic_geometry_t geometry;
    gr_ptr volume;
    (void) state;

    quotient_init(&q, 4, names, 0, cometric, drift);
    GR_TMP_INIT(volume, q.ctx);
    assert_int_equal(gr_mat_det_berkowitz(volume, q.cometric, q.ctx), GR_SUCCESS);
    assert_element(&q, volume, "4*(m11*m22 - m12*m21)^2*(m11^2 + m12^2 + m21^2 + m22^2)^2");
    GR_TMP_CLEAR(volume, q.ctx);

    caustic_geometry_init(geometry, q.cometric, q.drift, q.ctx);
    assert_int_equal(geometry->status, GR_SUCCESS);
    assert_element(&q, gr_mat_entry_srcptr(geometry->scalar, 0, 0, q.ctx),
        "56*(m11*m22 - m12*m21)^2/(m11^2 + m12^2 + m21^2 + m22^2)^2");
    assert_true(geometry->flat == T_FALSE);
    assert_true(geometry->weight_closed == T_TRUE);
    assert_true(gr_is_zero(gr_mat_entry_srcptr(geometry->weight, 0, 0, q.ctx), q.ctx) == T_FALSE);
    caustic_geometry_clear(geometry);
    quotient_clear(&q);
}

static caustic_verdict
compare(quotient_struct * q, const caustic_equations_t equations, const char * left, const char * right, int burgers)
{
    caustic_equation claimed = {parse(q->pool, left), parse(q->pool, right)};
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
    caustic_equation claimed = {parse(q->pool, left), parse(q->pool, right)};
    caustic_text_t why;
    truth_t answer;

    caustic_text_init(why);
    answer = caustic_equations_is_defined(why, equations, q->domain, &claimed, &equations->hamilton_jacobi, punctured);
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
        cmocka_unit_test(test_attention_head),
        cmocka_unit_test(test_claims),
        cmocka_unit_test(test_mixed_derivatives),
        cmocka_unit_test(test_degenerate_cometric),
        cmocka_unit_test(test_threads),
    };

    int failures = cmocka_run_group_tests_name("equations", tests, NULL, NULL);

    flint_cleanup_master();
    return failures;
}
