/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "geometry/tensors.h"

typedef struct
{
    slong length;
    const caustic_expr * parameter;
    const caustic_expr * section;
}
section_struct;

/* A matrix of functions of the parameters, on the section. */
static int
set_on_section(gr_mat_t res, const caustic_expr * entries, const section_struct * section, gr_ctx_t ctx)
{
    caustic_pool * pool = caustic_field_pool(ctx);
    int status = GR_SUCCESS;

    for (slong i = 0; i < res->r && status == GR_SUCCESS; i++)
        for (slong j = 0; j < res->c && status == GR_SUCCESS; j++)
        {
            caustic_expr entry = caustic_substitute(pool, entries[i * res->c + j], section->parameter, section->section,
                section->length);

            status |= (entry == CAUSTIC_NONE) ? GR_DOMAIN : caustic_field_set_expr(gr_mat_entry_ptr(res, i, j, ctx), entry, ctx);
        }

    return status;
}

/* det (xi A^{-1} xi^T) */
static int
gram_determinant(gr_ptr res, const gr_mat_t inverse_metric, const gr_mat_t generators, gr_ctx_t ctx)
{
    slong k = generators->r, n = generators->c;
    gr_mat_t metric, lowered, gram, unused, turned;
    gr_ptr volume;
    const char * reason = NULL;
    int status;

    gr_mat_init(metric, n, n, ctx);
    gr_mat_init(lowered, n, k, ctx);
    gr_mat_init(turned, n, k, ctx);
    gr_mat_init(gram, k, k, ctx);
    gr_mat_init(unused, k, k, ctx);
    GR_TMP_INIT(volume, ctx);

    status = invert_symmetric(metric, volume, inverse_metric, &reason, ctx);
    if (status == GR_SUCCESS)
        status |= gr_mat_transpose(turned, generators, ctx);
    if (status == GR_SUCCESS)
        status |= gr_mat_mul_classical(lowered, metric, turned, ctx);
    if (status == GR_SUCCESS)
        status |= gr_mat_mul_classical(gram, generators, lowered, ctx);
    if (status == GR_SUCCESS)
        status |= invert_symmetric(unused, res, gram, &reason, ctx);

    gr_mat_clear(metric, ctx);
    gr_mat_clear(lowered, ctx);
    gr_mat_clear(turned, ctx);
    gr_mat_clear(gram, ctx);
    gr_mat_clear(unused, ctx);
    GR_TMP_CLEAR(volume, ctx);
    return status;
}

/* Whether 1/2 d(log volume) is the weight one-form. */
static truth_t
is_weight(gr_srcptr volume, const caustic_geometry_t geometry)
{
    gr_ctx_struct * ctx = geometry->ctx;
    gr_ptr slope, twice;
    truth_t equal = T_TRUE;

    GR_TMP_INIT2(slope, twice, ctx);

    for (slong i = 0; i < geometry->dimension && equal != T_FALSE; i++)
    {
        int status = caustic_field_derivative(slope, volume, i, ctx);

        if (status == GR_SUCCESS)
            status |= gr_div(slope, slope, volume, ctx);
        if (status == GR_SUCCESS)
            status |= gr_mul_ui(twice, gr_mat_entry_srcptr(geometry->weight, i, 0, ctx), 2, ctx);
        equal = truth_and(equal, status == GR_SUCCESS ? gr_equal(slope, twice, ctx) : T_UNKNOWN);
    }

    GR_TMP_CLEAR2(slope, twice, ctx);
    return equal;
}

truth_t
caustic_geometry_weight_potential(caustic_expr * potential, const caustic_geometry_t geometry,
    slong parameters, const caustic_expr * parameter, const caustic_expr * inverse_metric,
    slong generators, const caustic_expr * generator, const caustic_expr * section)
{
    gr_ctx_struct * ctx = geometry->ctx;
    caustic_pool * pool = caustic_field_pool(ctx);
    section_struct on = {parameters, parameter, section};
    gr_mat_t metric, xi;
    gr_ptr volume;
    truth_t answer = T_UNKNOWN;
    int status;

    *potential = CAUSTIC_NONE;
    if (geometry->status != GR_SUCCESS)
        return answer;

    gr_mat_init(metric, parameters, parameters, ctx);
    gr_mat_init(xi, generators, parameters, ctx);
    GR_TMP_INIT(volume, ctx);

    status = set_on_section(metric, inverse_metric, &on, ctx);
    if (status == GR_SUCCESS)
        status |= set_on_section(xi, generator, &on, ctx);
    if (status == GR_SUCCESS)
        status |= gram_determinant(volume, metric, xi, ctx);

    if (status == GR_SUCCESS)
    {
        *potential = caustic_div(pool, caustic_function(pool, CAUSTIC_OP_LOG, caustic_field_get_expr(volume, ctx)),
            caustic_integer(pool, 2));
        answer = is_weight(volume, geometry);
    }

    gr_mat_clear(metric, ctx);
    gr_mat_clear(xi, ctx);
    GR_TMP_CLEAR(volume, ctx);
    return answer;
}
