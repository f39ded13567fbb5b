/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <caustic/geometry.h>

/* Running out of rules part-way leaves `status` set; the sums below go on and are discarded. */

/* res += a b */
static int
add_product(gr_ptr res, gr_srcptr a, gr_srcptr b, gr_ctx_t ctx)
{
    gr_ptr product;
    int status;

    GR_TMP_INIT(product, ctx);
    status = gr_mul(product, a, b, ctx);
    status |= gr_add(res, res, product, ctx);
    GR_TMP_CLEAR(product, ctx);
    return status;
}

static int
add_derivative(gr_ptr res, gr_srcptr x, slong k, int sign, gr_ctx_t ctx)
{
    gr_ptr slope;
    int status;

    GR_TMP_INIT(slope, ctx);
    status = caustic_field_derivative(slope, x, k, ctx);
    status |= (sign > 0) ? gr_add(res, res, slope, ctx) : gr_sub(res, res, slope, ctx);
    GR_TMP_CLEAR(slope, ctx);
    return status;
}

/* g_{ij} = adj(g)_{ij} / det g: one determinant, one division an entry. */
static int
invert(gr_mat_t metric, const gr_mat_t cometric, gr_ctx_t ctx)
{
    gr_ptr volume;
    int status;

    GR_TMP_INIT(volume, ctx);
    status = gr_mat_adjugate(metric, volume, cometric, ctx);

    for (slong i = 0; i < metric->r && status == GR_SUCCESS; i++)
        for (slong j = 0; j < metric->c; j++)
            status |= gr_div(gr_mat_entry_ptr(metric, i, j, ctx), gr_mat_entry_ptr(metric, i, j, ctx), volume, ctx);

    GR_TMP_CLEAR(volume, ctx);
    return status;
}

/* Gamma^k_{ij} = 1/2 g^{kl} (d_i g_{jl} + d_j g_{il} - d_l g_{ij}) */
static int
christoffel_symbols(caustic_geometry_t geometry, const gr_mat_t cometric)
{
    gr_ctx_struct * ctx = geometry->ctx;
    slong d = geometry->dimension;
    gr_ptr lowered;
    int status = GR_SUCCESS;

    GR_TMP_INIT(lowered, ctx);

    for (slong i = 0; i < d; i++)
    {
        for (slong j = 0; j <= i; j++)
        {
            for (slong l = 0; l < d; l++)
            {
                status |= gr_zero(lowered, ctx);
                status |= add_derivative(lowered, gr_mat_entry_srcptr(geometry->metric, j, l, ctx), i, 1, ctx);
                status |= add_derivative(lowered, gr_mat_entry_srcptr(geometry->metric, i, l, ctx), j, 1, ctx);
                status |= add_derivative(lowered, gr_mat_entry_srcptr(geometry->metric, i, j, ctx), l, -1, ctx);
                status |= gr_div_ui(lowered, lowered, 2, ctx);

                for (slong k = 0; k < d; k++)
                    status |= add_product(gr_mat_entry_ptr(geometry->christoffel[k], i, j, ctx),
                        gr_mat_entry_srcptr(cometric, k, l, ctx), lowered, ctx);
            }

            for (slong k = 0; k < d && i != j; k++)
                status |= gr_set(gr_mat_entry_ptr(geometry->christoffel[k], j, i, ctx),
                    gr_mat_entry_srcptr(geometry->christoffel[k], i, j, ctx), ctx);
        }
    }

    GR_TMP_CLEAR(lowered, ctx);
    return status;
}

/* R^l_{kij} */
static int
riemann(gr_ptr res, const caustic_geometry_t geometry, slong l, slong k, slong i, slong j)
{
    gr_ctx_struct * ctx = geometry->ctx;
    gr_mat_t * gamma = geometry->christoffel;
    gr_ptr backward;
    int status;

    GR_TMP_INIT(backward, ctx);
    status = gr_zero(res, ctx);
    status |= add_derivative(res, gr_mat_entry_srcptr(gamma[l], j, k, ctx), i, 1, ctx);
    status |= add_derivative(res, gr_mat_entry_srcptr(gamma[l], i, k, ctx), j, -1, ctx);

    for (slong m = 0; m < geometry->dimension; m++)
    {
        status |= add_product(res, gr_mat_entry_srcptr(gamma[l], i, m, ctx), gr_mat_entry_srcptr(gamma[m], j, k, ctx), ctx);
        status |= add_product(backward, gr_mat_entry_srcptr(gamma[l], j, m, ctx), gr_mat_entry_srcptr(gamma[m], i, k, ctx), ctx);
    }

    status |= gr_sub(res, res, backward, ctx);
    GR_TMP_CLEAR(backward, ctx);
    return status;
}

static int
all_zero(gr_mat_t * matrices, slong length, gr_ctx_t ctx)
{
    int zero = 1;

    for (slong k = 0; k < length && zero; k++)
        zero = gr_mat_is_zero(matrices[k], ctx) == T_TRUE;

    return zero;
}

/* Ricci and scalar curvature; flat if every component with i < j vanishes (the tensor is
   antisymmetric in the last two indices). */
static int
curvature(caustic_geometry_t geometry, const gr_mat_t cometric)
{
    gr_ctx_struct * ctx = geometry->ctx;
    slong d = geometry->dimension;
    gr_ptr component;
    int status = GR_SUCCESS;

    GR_TMP_INIT(component, ctx);
    geometry->flat = T_TRUE;

    /* A constant metric has no curvature, and no d^5 products are needed to say so. */
    for (slong l = 0; l < d && !all_zero(geometry->christoffel, d, ctx) && status == GR_SUCCESS; l++)
        for (slong k = 0; k < d && status == GR_SUCCESS; k++)
            for (slong i = 0; i < d && status == GR_SUCCESS; i++)
                for (slong j = i + 1; j < d && status == GR_SUCCESS; j++)
                {
                    gr_ptr ricci;

                    status |= riemann(component, geometry, l, k, i, j);
                    geometry->flat = truth_and(geometry->flat, gr_is_zero(component, ctx));

                    /* Ric_{kj} = R^i_{kij}, and R^i_{kji} = -R^i_{kij} */
                    if (l == i)
                    {
                        ricci = gr_mat_entry_ptr(geometry->ricci, k, j, ctx);
                        status |= gr_add(ricci, ricci, component, ctx);
                    }
                    if (l == j)
                    {
                        ricci = gr_mat_entry_ptr(geometry->ricci, k, i, ctx);
                        status |= gr_sub(ricci, ricci, component, ctx);
                    }
                }

    for (slong k = 0; k < d; k++)
        for (slong j = 0; j < d; j++)
            status |= add_product(gr_mat_entry_ptr(geometry->scalar, 0, 0, ctx),
                gr_mat_entry_srcptr(cometric, k, j, ctx), gr_mat_entry_srcptr(geometry->ricci, k, j, ctx), ctx);

    GR_TMP_CLEAR(component, ctx);
    return status;
}

/* W^j = b^j - b_LB^j with b_LB^j = -g^{ik} Gamma^j_{ik}; W_i = g_{ij} W^j, and whether dW = 0. */
static int
weight(caustic_geometry_t geometry, const gr_mat_t cometric, const gr_mat_t drift)
{
    gr_ctx_struct * ctx = geometry->ctx;
    slong d = geometry->dimension;
    gr_ptr raised;
    int status = GR_SUCCESS;

    GR_TMP_INIT(raised, ctx);

    for (slong j = 0; j < d; j++)
    {
        status |= gr_set(raised, gr_mat_entry_srcptr(drift, j, 0, ctx), ctx);

        for (slong i = 0; i < d; i++)
            for (slong k = 0; k < d; k++)
                status |= add_product(raised, gr_mat_entry_srcptr(cometric, i, k, ctx),
                    gr_mat_entry_srcptr(geometry->christoffel[j], i, k, ctx), ctx);

        for (slong i = 0; i < d; i++)
            status |= add_product(gr_mat_entry_ptr(geometry->weight, i, 0, ctx),
                gr_mat_entry_srcptr(geometry->metric, i, j, ctx), raised, ctx);
    }

    geometry->weight_closed = T_TRUE;

    for (slong i = 0; i < d; i++)
        for (slong j = 0; j < i; j++)
        {
            status |= gr_zero(raised, ctx);
            status |= add_derivative(raised, gr_mat_entry_srcptr(geometry->weight, j, 0, ctx), i, 1, ctx);
            status |= add_derivative(raised, gr_mat_entry_srcptr(geometry->weight, i, 0, ctx), j, -1, ctx);
            geometry->weight_closed = truth_and(geometry->weight_closed, gr_is_zero(raised, ctx));
        }

    GR_TMP_CLEAR(raised, ctx);
    return status;
}

void
caustic_geometry_init(caustic_geometry_t geometry, const gr_mat_t cometric, const gr_mat_t drift, gr_ctx_t ctx)
{
    slong d = cometric->r;

    geometry->ctx = ctx;
    geometry->dimension = d;
    geometry->flat = T_UNKNOWN;
    geometry->weight_closed = T_UNKNOWN;
    geometry->christoffel = flint_malloc((size_t) FLINT_MAX(d, 1) * sizeof(gr_mat_t));
    gr_mat_init(geometry->metric, d, d, ctx);
    gr_mat_init(geometry->ricci, d, d, ctx);
    gr_mat_init(geometry->scalar, 1, 1, ctx);
    gr_mat_init(geometry->weight, d, 1, ctx);
    for (slong k = 0; k < d; k++)
        gr_mat_init(geometry->christoffel[k], d, d, ctx);

    geometry->status = invert(geometry->metric, cometric, ctx);

    if (geometry->status == GR_SUCCESS)
        geometry->status |= christoffel_symbols(geometry, cometric);
    if (geometry->status == GR_SUCCESS)
        geometry->status |= curvature(geometry, cometric);
    if (geometry->status == GR_SUCCESS)
        geometry->status |= weight(geometry, cometric, drift);

    if (geometry->status != GR_SUCCESS)
    {
        geometry->flat = T_UNKNOWN;
        geometry->weight_closed = T_UNKNOWN;
        GR_IGNORE(gr_mat_zero(geometry->metric, ctx));
        GR_IGNORE(gr_mat_zero(geometry->ricci, ctx));
        GR_IGNORE(gr_mat_zero(geometry->scalar, ctx));
        GR_IGNORE(gr_mat_zero(geometry->weight, ctx));
        for (slong k = 0; k < d; k++)
            GR_IGNORE(gr_mat_zero(geometry->christoffel[k], ctx));
    }
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
    gr_mat_clear(geometry->weight, ctx);
}
