/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <flint/ulong_extras.h>
#include "geometry/tensors.h"

/* Gamma^k_{ij} = 1/2 g_{ia} (2 Gamma^{k,a}_j) */
static int
christoffel_symbols(caustic_geometry_t geometry, tensors_t tensors)
{
    slong d = tensors->d;
    fractions_t lowered;
    int status;

    fractions_init(lowered, d * d * d, tensors->ring);
    status = fractions_contract(lowered, tensors->metric, tensors->mixed, d, d, d, tensors->ring);
    if (status == GR_SUCCESS)
        status |= fractions_divide_ui(lowered, 2, tensors->ring);

    for (slong k = 0; k < d && status == GR_SUCCESS; k++)
        for (slong i = 0; i < d && status == GR_SUCCESS; i++)
            for (slong j = 0; j <= i && status == GR_SUCCESS; j++)
            {
                gr_ptr symbol = gr_mat_entry_ptr(geometry->christoffel[k], i, j, geometry->ctx);

                status |= fractions_get(symbol, lowered, (k * d + i) * d + j, tensors->ring);
                status |= gr_set(gr_mat_entry_ptr(geometry->christoffel[k], j, i, geometry->ctx), symbol, geometry->ctx);
            }

    fractions_clear(lowered, tensors->ring);
    return status;
}

static int
curvature(caustic_geometry_t geometry, tensors_t tensors)
{
    gr_ctx_struct * ctx = geometry->ctx;
    slong d = tensors->d;
    int status = fractions_get_matrix(geometry->ricci, tensors->ricci, tensors->ring);

    if (status == GR_SUCCESS)
        status |= fractions_get_matrix(geometry->scalar, tensors->scalar, tensors->ring);

    geometry->flat = fractions_is_zero(tensors->riemann, tensors->ring);
    if (status == GR_SUCCESS)
        status |= tensors_constant_curvature(&geometry->constant_curvature, tensors);
    if (status == GR_SUCCESS && d > 1 && geometry->constant_curvature == T_TRUE)
        status |= gr_div_ui(gr_mat_entry_ptr(geometry->curvature, 0, 0, ctx),
            gr_mat_entry_srcptr(geometry->scalar, 0, 0, ctx), (ulong) (d * (d - 1)), ctx);

    return status;
}

/* W^j = b^j - b_LB^j with b_LB^j = -g_{ab} Gamma^{j,ab}, a trace; W_i = g_{ij} W^j, and whether dW = 0. */
static int
weight(caustic_geometry_t geometry, tensors_t tensors)
{
    numerators_struct * ring = tensors->ring;
    slong d = tensors->d;
    fractions_t trace, lowered, slopes, curl;
    int status = GR_SUCCESS;

    fractions_init(trace, d, ring);
    fractions_init(lowered, d, ring);
    fractions_init(slopes, d * d, ring);
    fractions_init(curl, d * d, ring);

    status |= gr_set(trace->denominator, tensors->mixed->denominator, ring->ring);
    for (slong j = 0; j < d; j++)
        for (slong a = 0; a < d; a++)
            status |= gr_add(fractions_numerator(trace, j, ring), fractions_numerator(trace, j, ring),
                fractions_numerator(tensors->mixed, (j * d + a) * d + a, ring), ring->ring);

    if (status == GR_SUCCESS)
        status |= fractions_divide_ui(trace, 2, ring);
    if (status == GR_SUCCESS)
        status |= fractions_add(trace, trace, tensors->drift, 1, ring);
    if (status == GR_SUCCESS)
        status |= fractions_contract(lowered, tensors->metric, trace, d, 1, 1, tensors->ring);
    if (status == GR_SUCCESS)
        status |= fractions_get_matrix(geometry->weight, lowered, ring);
    if (status == GR_SUCCESS)
        status |= fractions_gradient(slopes, lowered, ring);

    for (slong i = 0; i < d && status == GR_SUCCESS; i++)
        for (slong j = 0; j < i; j++)
            status |= gr_sub(fractions_numerator(curl, i * d + j, ring), fractions_numerator(slopes, i * d + j, ring),
                fractions_numerator(slopes, j * d + i, ring), ring->ring);
    geometry->weight_closed = fractions_is_zero(curl, ring);

    fractions_clear(trace, ring);
    fractions_clear(lowered, ring);
    fractions_clear(slopes, ring);
    fractions_clear(curl, ring);
    return status;
}

static void
forget(caustic_geometry_t geometry)
{
    gr_ctx_struct * ctx = geometry->ctx;

    geometry->flat = T_UNKNOWN;
    geometry->weight_closed = T_UNKNOWN;
    geometry->constant_curvature = T_UNKNOWN;
    GR_IGNORE(gr_mat_zero(geometry->metric, ctx));
    GR_IGNORE(gr_mat_zero(geometry->ricci, ctx));
    GR_IGNORE(gr_mat_zero(geometry->scalar, ctx));
    GR_IGNORE(gr_mat_zero(geometry->curvature, ctx));
    GR_IGNORE(gr_mat_zero(geometry->weight, ctx));
    for (slong k = 0; k < geometry->dimension; k++)
        GR_IGNORE(gr_mat_zero(geometry->christoffel[k], ctx));
}

void
caustic_geometry_init(caustic_geometry_t geometry, const gr_mat_t cometric, const gr_mat_t drift, gr_ctx_t ctx)
{
    slong d = cometric->r;
    tensors_t tensors;
    gr_ptr volume;

    geometry->ctx = ctx;
    geometry->dimension = d;
    geometry->reason = NULL;
    geometry->flat = T_UNKNOWN;
    geometry->weight_closed = T_UNKNOWN;
    geometry->constant_curvature = T_UNKNOWN;
    geometry->christoffel = flint_malloc((size_t) FLINT_MAX(d, 1) * sizeof(gr_mat_t));
    gr_mat_init(geometry->metric, d, d, ctx);
    gr_mat_init(geometry->ricci, d, d, ctx);
    gr_mat_init(geometry->scalar, 1, 1, ctx);
    gr_mat_init(geometry->curvature, 1, 1, ctx);
    gr_mat_init(geometry->weight, d, 1, ctx);
    for (slong k = 0; k < d; k++)
        gr_mat_init(geometry->christoffel[k], d, d, ctx);

    GR_TMP_INIT(volume, ctx);
    geometry->status = invert_symmetric(geometry->metric, volume, cometric, &geometry->reason, ctx);
    GR_TMP_CLEAR(volume, ctx);

    if (geometry->status == GR_SUCCESS)
    {
        tensors_init(tensors, cometric, drift, ctx);
        geometry->status |= tensors_compute(tensors, cometric, drift, geometry->metric);
        if (geometry->status == GR_SUCCESS)
            geometry->status |= christoffel_symbols(geometry, tensors);
        if (geometry->status == GR_SUCCESS)
            geometry->status |= curvature(geometry, tensors);
        if (geometry->status == GR_SUCCESS)
            geometry->status |= weight(geometry, tensors);
        if (geometry->status != GR_SUCCESS)
            geometry->reason = (tensors->ring->reason != NULL) ? tensors->ring->reason : "the exact field has no rule for it";
        tensors_clear(tensors);
    }

    if (geometry->status != GR_SUCCESS)
        forget(geometry);
}

void
caustic_geometry_clear(caustic_geometry_t geometry)
{
    gr_ctx_struct * ctx = geometry->ctx;

    for (slong k = 0; k < geometry->dimension; k++)
        gr_mat_clear(geometry->christoffel[k], ctx);

    flint_free(geometry->christoffel);
    gr_mat_clear(geometry->metric, ctx);
    gr_mat_clear(geometry->ricci, ctx);
    gr_mat_clear(geometry->scalar, ctx);
    gr_mat_clear(geometry->curvature, ctx);
    gr_mat_clear(geometry->weight, ctx);
}

/* riemann: NULL, or where to put the tensor. */
static truth_t
parallel_curvature(gr_mat_struct * riemann, const gr_mat_t cometric, const gr_mat_t drift, gr_ctx_t ctx)
{
    slong d = cometric->r;
    const char * reason = NULL;
    truth_t answer = T_UNKNOWN;
    tensors_t tensors;
    gr_mat_t metric;
    gr_ptr volume;
    int status;

    gr_mat_init(metric, d, d, ctx);
    GR_TMP_INIT(volume, ctx);
    status = invert_symmetric(metric, volume, cometric, &reason, ctx);
    GR_TMP_CLEAR(volume, ctx);
    if (status == GR_SUCCESS)
    {
        tensors_init(tensors, cometric, drift, ctx);
        status |= tensors_compute(tensors, cometric, drift, metric);
        if (status == GR_SUCCESS && tensors_parallel_curvature(&answer, tensors) != GR_SUCCESS)
            answer = T_UNKNOWN;
        if (status == GR_SUCCESS && riemann != NULL && tensors_get_riemann(riemann, tensors) != GR_SUCCESS)
            answer = T_UNKNOWN;
        tensors_clear(tensors);
    }

    gr_mat_clear(metric, ctx);
    return answer;
}

truth_t
caustic_geometry_parallel_curvature(const gr_mat_t cometric, const gr_mat_t drift, gr_ctx_t ctx)
{
    return parallel_curvature(NULL, cometric, drift, ctx);
}

truth_t
caustic_geometry_curvature_tensor(gr_mat_t riemann, const gr_mat_t cometric, const gr_mat_t drift, gr_ctx_t ctx)
{
    return parallel_curvature(riemann, cometric, drift, ctx);
}

/* - R^{lkij} for l < k and i < j. */
static int
set_bivector_form(gr_mat_t form, const gr_mat_t riemann, slong d, gr_ctx_t ctx)
{
    slong row = 0;
    int status = GR_SUCCESS;

    for (slong k = 1; k < d; k++)
        for (slong l = 0; l < k; l++, row++)
        {
            slong column = 0;

            for (slong j = 1; j < d; j++)
                for (slong i = 0; i < j; i++, column++)
                    status |= gr_neg(gr_mat_entry_ptr(form, row, column, ctx),
                        gr_mat_entry_srcptr(riemann, l * d + k, i * d + j, ctx), ctx);
        }
    return status;
}

truth_t
caustic_geometry_is_nonpositive(const gr_mat_t riemann, const fmpq * point, gr_ctx_t ctx)
{
    slong d = (slong) n_sqrt((ulong) riemann->r);
    truth_t answer = T_UNKNOWN;
    gr_mat_t form;

    gr_mat_init(form, pairs_of(d), pairs_of(d), ctx);
    if (set_bivector_form(form, riemann, d, ctx) == GR_SUCCESS)
        answer = caustic_field_is_semidefinite_at(form, point, ctx);
    gr_mat_clear(form, ctx);
    return answer;
}

int
caustic_geometry_is_nowhere_positive(const gr_mat_t riemann, gr_ctx_t ctx)
{
    slong d = (slong) n_sqrt((ulong) riemann->r);
    int answer;
    gr_mat_t form;

    gr_mat_init(form, pairs_of(d), pairs_of(d), ctx);
    answer = set_bivector_form(form, riemann, d, ctx) == GR_SUCCESS && caustic_field_is_semidefinite(form, ctx);
    gr_mat_clear(form, ctx);
    return answer;
}

/* The Hessian of a function *******************************************************************/

caustic_expr
caustic_contract(caustic_pool * pool, const caustic_expr * a, const caustic_expr * b, slong length)
{
    caustic_expr sum = caustic_integer(pool, 0);

    for (slong i = 0; i < length; i++)
        sum = caustic_add(pool, sum, caustic_mul(pool, a[i], b[i]));
    return sum;
}

/* sum_k a[k] d_k f */
static caustic_expr
derivative_along(caustic_pool * pool, const caustic_expr * a, caustic_expr f, const caustic_expr * coordinate, slong d)
{
    caustic_expr sum = caustic_integer(pool, 0);

    for (slong k = 0; k < d; k++)
        sum = caustic_add(pool, sum, caustic_mul(pool, a[k], caustic_derivative(pool, f, coordinate[k])));
    return sum;
}

void
caustic_geometry_raised_hessian(caustic_expr * res, caustic_pool * pool, const caustic_expr * coordinate, slong d,
    const caustic_expr * cometric, caustic_expr function)
{
    caustic_expr * v = flint_malloc((size_t) FLINT_MAX(d, 1) * sizeof(caustic_expr)), half = caustic_div(pool, caustic_integer(pool, 1),
        caustic_integer(pool, 2));

    for (slong i = 0; i < d; i++)
        v[i] = derivative_along(pool, cometric + i * d, function, coordinate, d);
    for (slong i = 0; i < d; i++)
        for (slong j = i; j < d; j++)
        {
            caustic_expr sum = derivative_along(pool, cometric + i * d, v[j], coordinate, d);

            sum = caustic_add(pool, sum, derivative_along(pool, cometric + j * d, v[i], coordinate, d));
            sum = caustic_sub(pool, sum, derivative_along(pool, v, cometric[i * d + j], coordinate, d));
            res[i * d + j] = res[j * d + i] = caustic_mul(pool, half, sum);
        }
    flint_free(v);
}
