/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    flow: vector fields, the Taylor series of their solutions and of their variations.
*/

#include "integrator/integrator_internal.h"
#include "jet/series_internal.h"

/* The entries of the Jacobian that are not identically zero, appended to the field's roots. */
static slong jacobian_entries(caustic_expr * roots, slong * row, slong * column, caustic_pool * pool,
    const caustic_expr * jacobian, slong n)
{
    slong i, entries = 0;
    caustic_expr zero = caustic_integer(pool, 0);
    for (i = 0; i < n * n; i++)
    {
        if (jacobian[i] != zero)
        {
            roots[n + entries] = jacobian[i];
            row[entries] = i / n;
            column[entries] = i % n;
            entries++;
        }
    }
    return entries;
}

static caustic_flow * flow_new(caustic_pool * pool, const caustic_expr * field, const caustic_expr * jacobian,
    const caustic_expr * coordinates, slong n, const caustic_expr * observables, slong observables_length)
{
    slong i;
    caustic_flow * flow = flint_calloc(1, sizeof(caustic_flow));
    caustic_expr * roots = flint_malloc(sizeof(caustic_expr) * (size_t) (n + n * n + observables_length));

    flow->dimension = n;
    flow->observables = observables_length;
    flow->entry_row = flint_malloc(sizeof(slong) * (size_t) (n * n + 1));
    flow->entry_column = flint_malloc(sizeof(slong) * (size_t) (n * n + 1));
    for (i = 0; i < n; i++)
    {
        roots[i] = field[i];
    }
    for (i = 0; i < observables_length; i++)
    {
        roots[n + i] = observables[i];
    }
    flow->field = caustic_tape_new(pool, roots, n, coordinates, n);
    flow->tape = caustic_tape_new(pool, roots, n + observables_length, coordinates, n);
    if (flow->tape != NULL && jacobian != NULL)
    {
        flow->entries = jacobian_entries(roots, flow->entry_row, flow->entry_column, pool, jacobian, n);
        flow->variation = caustic_tape_new(pool, roots, n + flow->entries, coordinates, n);
    }
    flint_free(roots);
    if (flow->field == NULL || flow->tape == NULL || (jacobian != NULL && flow->variation == NULL))
    {
        caustic_flow_free(flow);
        flow = NULL;
    }
    return flow;
}

caustic_flow * caustic_flow_new(caustic_pool * pool, const caustic_expr * field,
    const caustic_expr * coordinates, slong dimension, const caustic_expr * observables,
    slong observables_length)
{
    slong n = dimension, i;
    caustic_expr * jacobian = flint_malloc(sizeof(caustic_expr) * (size_t) (n * n + 1));
    caustic_flow * flow;
    for (i = 0; i < n * n; i++)
    {
        jacobian[i] = caustic_derivative(pool, field[i / n], coordinates[i % n]);
    }
    flow = flow_new(pool, field, jacobian, coordinates, n, observables, observables_length);
    flint_free(jacobian);
    return flow;
}

caustic_flow * caustic_flow_new_with_jacobian(caustic_pool * pool, const caustic_expr * field, const caustic_expr * jacobian,
    const caustic_expr * coordinates, slong dimension)
{
    return flow_new(pool, field, jacobian, coordinates, dimension, NULL, 0);
}

/* The symbol of one coefficient of one coordinate: no case file can contain the name. */
static caustic_expr jet_symbol(caustic_pool * pool, slong i, slong k)
{
    caustic_expr symbol;
    caustic_text_t text;
    caustic_text_init(text);
    caustic_text_printf(text, "_jet%ld_%ld", (long) i, (long) k);
    symbol = caustic_symbol(pool, text->data);
    caustic_text_clear(text);
    return symbol;
}

caustic_flow * caustic_flow_prolong(caustic_pool * pool, const caustic_expr * field, const caustic_expr * coordinates, slong dimension,
    const caustic_jet_shape * shape)
{
    slong length = caustic_jet_length(shape), n = dimension * length, i;
    caustic_expr * symbol = flint_malloc(sizeof(caustic_expr) * (size_t) n);
    caustic_expr * prolonged = flint_malloc(sizeof(caustic_expr) * (size_t) n);
    caustic_flow * flow = NULL;
    int complete = 1;

    for (i = 0; i < dimension; i++)
    {
        complete = complete && field[i] != CAUSTIC_NONE;
    }
    for (i = 0; i < n; i++)
    {
        symbol[i] = jet_symbol(pool, i / length, i % length);
    }
    if (complete)
    {
        caustic_expr_jets(prolonged, pool, field, dimension, coordinates, symbol, dimension, shape);
        flow = flow_new(pool, prolonged, NULL, symbol, n, NULL, 0);
    }
    flint_free(symbol);
    flint_free(prolonged);
    return flow;
}

static void tape_free(caustic_tape * tape)
{
    if (tape != NULL)
    {
        caustic_tape_free(tape);
    }
}

void caustic_flow_free(caustic_flow * flow)
{
    if (flow != NULL)
    {
        tape_free(flow->field);
        tape_free(flow->tape);
        tape_free(flow->variation);
        flint_free(flow->entry_row);
        flint_free(flow->entry_column);
        flint_free(flow);
    }
}

slong caustic_flow_dimension(const caustic_flow * flow)
{
    return flow->dimension;
}

slong caustic_flow_observables(const caustic_flow * flow)
{
    return flow->observables;
}

/* x_(k+1) = f(x)_k / (k+1) */
static void next_coefficient(caustic_series_t series, slong dimension, slong k, slong prec)
{
    slong i;
    for (i = 0; i < dimension; i++)
    {
        arb_div_ui(caustic_series_input(series, i) + k + 1, caustic_series_root(series, i) + k, (ulong) k + 1, prec);
    }
}

void flow_series(caustic_series_t series, const caustic_flow * flow, const caustic_tape * tape, arb_srcptr start, slong order, slong prec)
{
    slong n = flow->dimension, i, k;
    caustic_series_init(series, tape, order + 2, prec);
    for (i = 0; i < n; i++)
    {
        arb_set(caustic_series_input(series, i), start + i);
    }
    for (k = 0; k <= order; k++)
    {
        caustic_series_step(series, k);
        next_coefficient(series, n, k, prec);
    }
}

void flow_taylor(arb_ptr polynomial, slong stride, const caustic_flow * flow, arb_srcptr start, slong order, slong prec)
{
    slong i;
    caustic_series_t series;
    flow_series(series, flow, flow->field, start, order - 1, prec);
    for (i = 0; i < flow->dimension; i++)
    {
        _arb_vec_set(polynomial + i * stride, caustic_series_input(series, i), order + 1);
    }
    caustic_series_clear(series);
}

void caustic_flow_taylor(arb_ptr res, const caustic_flow * flow, arb_srcptr start, slong order, slong prec)
{
    flow_taylor(res, order + 1, flow, start, order, prec);
}

/* V_(k+1) = (Df V)_k / (k+1), row by row along the entries of Df. */
static void next_variation(arb_ptr polynomial, const caustic_flow * flow, const caustic_series_t series,
    slong columns, slong stride, slong k, slong prec)
{
    slong n = flow->dimension, e, i, j;
    arb_srcptr entry;
    arb_ptr target;
    for (e = 0; e < flow->entries; e++)
    {
        entry = caustic_series_root(series, n + e);
        for (j = 0; j < columns; j++)
        {
            target = polynomial + (flow->entry_row[e] * columns + j) * stride + k + 1;
            arb_dot(target, target, 0, entry, 1,
                polynomial + (flow->entry_column[e] * columns + j) * stride + k, -1, k + 1, prec);
        }
    }
    for (i = 0; i < n * columns; i++)
    {
        target = polynomial + i * stride + k + 1;
        arb_div_ui(target, target, (ulong) k + 1, prec);
    }
}

void flow_series_variation(arb_ptr polynomial, const caustic_flow * flow, const caustic_series_t series,
    const arb_mat_t start_matrix, slong order, slong prec)
{
    slong n = flow->dimension, m = arb_mat_ncols(start_matrix), i, k;
    _arb_vec_zero(polynomial, n * m * (order + 2));
    for (i = 0; i < n * m; i++)
    {
        arb_set(polynomial + i * (order + 2), arb_mat_entry(start_matrix, i / m, i % m));
    }
    for (k = 0; k <= order; k++)
    {
        next_variation(polynomial, flow, series, m, order + 2, k, prec);
    }
}
