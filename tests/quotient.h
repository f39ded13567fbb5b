/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    For tests: a quotient given outright, coordinates, cometric and drift as text. To be included after
    cmocka.h.
*/

#ifndef CAUSTIC_TESTS_QUOTIENT_H
#define CAUSTIC_TESTS_QUOTIENT_H

#include <string.h>
#include <caustic/equations.h>

#define QUOTIENT_DIMENSION 9

typedef struct
{
    caustic_pool * pool;
    slong dimension;
    caustic_expr coordinate[QUOTIENT_DIMENSION];
    caustic_interval_struct domain[QUOTIENT_DIMENSION];
    gr_ctx_t ctx;
    gr_mat_t cometric;
    gr_mat_t drift;
    caustic_expr cometric_expr[QUOTIENT_DIMENSION * QUOTIENT_DIMENSION];
    caustic_expr drift_expr[QUOTIENT_DIMENSION];
}
quotient_struct;

/* The coordinates, nu, and the derivatives of u and v that occur in the equations. */
static caustic_expr
parse(quotient_struct * q, const char * text)
{
    slong d = q->dimension, length = 0, i, j, k;
    caustic_name * names = flint_malloc((size_t) (2 + 8 * d + 8 * d * d + d * d * d) * sizeof(caustic_name));
    char (* spelled)[80] = flint_malloc((size_t) (2 + 8 * d + 8 * d * d + d * d * d) * 80);
    caustic_scope scope;
    caustic_error_t error;
    caustic_expr e = CAUSTIC_NONE;
    const char * z[QUOTIENT_DIMENSION];

#define NAME(...) (void) snprintf(spelled[length++], 80, __VA_ARGS__)
    for (i = 0; i < d; i++)
        z[i] = caustic_expr_name(q->pool, q->coordinate[i]);
    NAME("nu");
    NAME("u_t");
    for (i = 0; i < d; i++)
    {
        NAME("%s", z[i]);
        NAME("u_%s", z[i]);
        NAME("v_%s", z[i]);
        NAME("v_%s_t", z[i]);
        for (j = 0; j < d; j++)
        {
            NAME("u_%s_%s", z[i], z[j]);
            NAME("v_%s_%s", z[i], z[j]);
            for (k = 0; k < d; k++)
                NAME("v_%s_%s_%s", z[i], z[j], z[k]);
        }
    }
#undef NAME
    for (i = 0; i < length; i++)
        names[i] = (caustic_name) {spelled[i], caustic_symbol(q->pool, spelled[i])};

    scope = (caustic_scope) {names, length, NULL, 1};
    caustic_error_init(error);
    if (caustic_parse(&e, q->pool, text, &scope, NULL, error) != CAUSTIC_OK)
        fail_msg("%s: %s", text, error->message);
    caustic_error_clear(error);
    flint_free(names);
    flint_free(spelled);
    return e;
}

/* The line for every coordinate, (0, inf) for the last one with positive_last. */
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
        q->drift_expr[i] = parse(q, drift[i]);
        assert_int_equal(caustic_field_set_expr(gr_mat_entry_ptr(q->drift, i, 0, q->ctx), q->drift_expr[i], q->ctx), GR_SUCCESS);

        for (slong j = 0; j < dimension; j++)
        {
            q->cometric_expr[i * dimension + j] = parse(q, cometric[i * dimension + j]);
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
    assert_int_equal(caustic_field_set_expr(y, parse(q, expected), q->ctx), GR_SUCCESS);
    if (gr_equal(x, y, q->ctx) != T_TRUE)
    {
        char * text = caustic_expr_string(q->pool, caustic_field_get_expr(x, q->ctx));
        fail_msg("%s is not %s", text, expected);
    }
    GR_TMP_CLEAR(y, q->ctx);
}

#endif
