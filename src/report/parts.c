/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include "parts.h"

/* Geometry ***********************************************************************************/

static caustic_expr *
allocate(slong length)
{
    return flint_calloc((size_t) FLINT_MAX(length, 1), sizeof(caustic_expr));
}

static void
read_matrix(caustic_expr * res, const gr_mat_t matrix, gr_ctx_t ctx)
{
    for (slong i = 0; i < matrix->r; i++)
        for (slong j = 0; j < matrix->c; j++)
            res[i * matrix->c + j] = caustic_field_get_expr(gr_mat_entry_srcptr(matrix, i, j, ctx), ctx);
}

static void
check_covariant(part_struct * part, const caustic_geometry_t geometry)
{
    caustic_text_t detail;
    caustic_verdict verdict;

    caustic_text_init(detail);
    verdict = caustic_equations_check_covariant(detail, part->reduction->cometric, part->reduction->drift, geometry);
    caustic_checks_add(part->checks, "covariant_burgers", verdict, "%s", detail->data);
    caustic_text_clear(detail);
}

static void
set_potential(part_struct * part, const caustic_geometry_t geometry)
{
    const caustic_setting_struct * unit = part->unit;

    if (!unit->has_section || caustic_geometry_weight_potential(&part->potential, geometry, unit->parameters,
            unit->parameter, unit->inverse_metric, unit->generators, unit->generator, unit->section) != T_TRUE)
        part->potential = CAUSTIC_NONE;
}

/* From the cometric, in the exact field. */
static void
set_geometry(part_struct * part)
{
    caustic_reduction_struct * reduction = part->reduction;
    caustic_geometry_t geometry;

    caustic_geometry_init(geometry, reduction->cometric, reduction->drift, reduction->downstairs);
    caustic_equations_init(part->equations, part->unit->pool, part->unit->coordinate, part->unit->coordinates,
        reduction->cometric_expr, reduction->drift_expr, NULL);
    part->has_equations = 1;
    part->has_geometry = geometry->status == GR_SUCCESS;
    part->flat = geometry->flat;
    part->weight_closed = geometry->weight_closed;

    if (part->has_geometry)
    {
        read_matrix(part->metric, geometry->metric, geometry->ctx);
        read_matrix(part->ricci, geometry->ricci, geometry->ctx);
        read_matrix(part->weight, geometry->weight, geometry->ctx);
        read_matrix(&part->scalar, geometry->scalar, geometry->ctx);
        for (slong k = 0; k < geometry->dimension; k++)
            read_matrix(part->christoffel + k * geometry->dimension * geometry->dimension, geometry->christoffel[k],
                geometry->ctx);
        if (geometry->constant_curvature == T_TRUE)
            read_matrix(&part->constant, geometry->curvature, geometry->ctx);
        set_potential(part, geometry);
        check_covariant(part, geometry);
    }
    else
        part->lacking = geometry->reason;

    caustic_geometry_clear(geometry);
}

/* g^{ij} = G_ij z_i z_j: flat and without weight, by [REDUCTION-10]. */
static void
set_torus_geometry(part_struct * part)
{
    const caustic_setting_struct * unit = part->unit;
    caustic_reduction_struct * reduction = part->reduction;
    caustic_pool * pool = unit->pool;
    slong d = unit->coordinates;
    caustic_expr zero = caustic_integer(pool, 0);
    fmpq_mat_t inverse;

    fmpq_mat_init(inverse, d, d);
    part->has_geometry = fmpq_mat_inv(inverse, reduction->gram);

    for (slong i = 0; i < d; i++)
    {
        part->weight[i] = zero;
        for (slong j = 0; j < d; j++)
        {
            part->ricci[i * d + j] = zero;
            part->metric[i * d + j] = caustic_div(pool, caustic_number(pool, fmpq_mat_entry(inverse, i, j)),
                caustic_mul(pool, unit->coordinate[i], unit->coordinate[j]));
        }
    }
    part->scalar = part->potential = part->constant = zero;

    /* y = log z is affine: Gamma^i_ii = -1/z_i and no others. */
    for (slong i = 0; i < d * d * d; i++)
        part->christoffel[i] = zero;
    for (slong i = 0; i < d; i++)
        part->christoffel[(i * d + i) * d + i] = caustic_neg(pool, caustic_power_si(pool, unit->coordinate[i], -1));

    caustic_equations_init(part->equations, pool, unit->coordinate, d, reduction->cometric_expr,
        reduction->drift_expr, NULL);
    part->has_equations = 1;
    caustic_checks_add(part->checks, "covariant_burgers", CAUSTIC_PROVED,
        "in logarithmic coordinates both forms have the same constant coefficients");
    fmpq_mat_clear(inverse);
}

static void
part_init(part_struct * part, const caustic_setting_struct * unit, caustic_reduction_struct * reduction,
    slong copies, const slong * coordinate)
{
    slong d = unit->coordinates;

    memset(part, 0, sizeof(part_struct));
    part->unit = unit;
    part->reduction = reduction;
    part->copies = copies;
    part->coordinate = coordinate;
    caustic_checks_init(part->checks);

    if (reduction->is_torus)
        part->flat = part->weight_closed = T_TRUE;
    else
        part->flat = part->weight_closed = T_UNKNOWN;

    if (!reduction->written_out)
    {
        part->lacking = "the matrices are too large to be written out";
        return;
    }

    part->metric = allocate(d * d);
    part->ricci = allocate(d * d);
    part->weight = allocate(d);
    part->christoffel = allocate(d * d * d);

    if (reduction->is_torus)
        set_torus_geometry(part);
    else
        set_geometry(part);
}

static void
part_clear(part_struct * part)
{
    flint_free(part->metric);
    flint_free(part->ricci);
    flint_free(part->weight);
    flint_free(part->christoffel);
    if (part->has_equations)
        caustic_equations_clear(part->equations);
    caustic_checks_clear(part->checks);
}

void
parts_init(parts_t parts, caustic_reduction_t reduction)
{
    parts->reduction = reduction;
    parts->length = FLINT_MAX(reduction->factors, 1);
    parts->part = flint_malloc((size_t) parts->length * sizeof(part_struct));

    if (reduction->factors == 0)
        part_init(parts->part, reduction->setting, reduction, reduction->setting->copies, NULL);

    for (slong f = 0; f < reduction->factors; f++)
    {
        caustic_factor_struct * factor = reduction->factor + f;

        part_init(parts->part + f, factor->unit, factor->reduction, factor->copies, factor->coordinate);
    }
}

void
parts_clear(parts_t parts)
{
    for (slong f = 0; f < parts->length; f++)
        part_clear(parts->part + f);
    flint_free(parts->part);
}

/* The whole **********************************************************************************/

caustic_expr *
part_metric(const part_struct * part)
{
    return part->metric;
}

caustic_expr *
part_ricci(const part_struct * part)
{
    return part->ricci;
}

caustic_expr *
part_weight(const part_struct * part)
{
    return part->weight;
}

static slong
index_in_whole(const part_struct * part, slong copy, slong i)
{
    return part->coordinate == NULL ? i : part->coordinate[copy * part->unit->coordinates + i];
}

caustic_expr
on_copy(const part_struct * part, const caustic_setting_struct * whole, caustic_expr e, slong copy)
{
    slong d = part->unit->coordinates;
    caustic_expr * to;

    if (copy == 0)
        return e;

    to = allocate(d);
    for (slong i = 0; i < d; i++)
        to[i] = whole->coordinate[index_in_whole(part, copy, i)];
    e = caustic_substitute(whole->pool, e, part->unit->coordinate, to, d);
    flint_free(to);
    return e;
}

/* How many copies stand in the whole's own coordinates. */
static slong
written_copies(const part_struct * part)
{
    return part->coordinate == NULL ? 1 : part->copies;
}

caustic_expr *
parts_matrix(const parts_t parts, caustic_expr * (* of)(const part_struct *))
{
    const caustic_setting_struct * whole = parts->reduction->setting;
    slong d = whole->coordinates;
    caustic_expr * res = allocate(d * d);

    for (slong i = 0; i < d * d; i++)
        res[i] = caustic_integer(whole->pool, 0);

    for (slong f = 0; f < parts->length; f++)
    {
        const part_struct * part = parts->part + f;
        slong m = part->unit->coordinates;

        for (slong copy = 0; copy < written_copies(part); copy++)
            for (slong i = 0; i < m; i++)
                for (slong j = 0; j < m; j++)
                    res[index_in_whole(part, copy, i) * d + index_in_whole(part, copy, j)]
                        = on_copy(part, whole, of(part)[i * m + j], copy);
    }

    return res;
}

caustic_expr *
parts_vector(const parts_t parts, caustic_expr * (* of)(const part_struct *))
{
    const caustic_setting_struct * whole = parts->reduction->setting;
    caustic_expr * res = allocate(whole->coordinates);

    for (slong f = 0; f < parts->length; f++)
    {
        const part_struct * part = parts->part + f;

        for (slong copy = 0; copy < written_copies(part); copy++)
            for (slong i = 0; i < part->unit->coordinates; i++)
                res[index_in_whole(part, copy, i)] = on_copy(part, whole, of(part)[i], copy);
    }

    return res;
}

caustic_expr *
parts_christoffel(const parts_t parts)
{
    const caustic_setting_struct * whole = parts->reduction->setting;
    slong d = whole->coordinates;
    caustic_expr * res = allocate(d * d * d);

    for (slong i = 0; i < d * d * d; i++)
        res[i] = caustic_integer(whole->pool, 0);

    for (slong f = 0; f < parts->length; f++)
    {
        const part_struct * part = parts->part + f;
        slong m = part->unit->coordinates;

        for (slong copy = 0; copy < written_copies(part); copy++)
            for (slong k = 0; k < m; k++)
                for (slong i = 0; i < m; i++)
                    for (slong j = 0; j < m; j++)
                        res[(index_in_whole(part, copy, k) * d + index_in_whole(part, copy, i)) * d
                            + index_in_whole(part, copy, j)]
                            = on_copy(part, whole, part->christoffel[(k * m + i) * m + j], copy);
    }

    return res;
}

/* Round unit spheres of dimension n have scalar curvature n (n - 1). */
static caustic_expr
scalar_of_spheres(const caustic_setting_struct * unit)
{
    caustic_expr sum = caustic_integer(unit->pool, 0);

    for (slong i = 0; i < unit->spheres; i++)
        sum = caustic_add(unit->pool, sum, caustic_mul(unit->pool, caustic_integer(unit->pool, unit->sphere[i]),
            caustic_integer(unit->pool, unit->sphere[i] - 1)));
    return sum;
}

caustic_expr
part_scalar(const part_struct * part)
{
    caustic_pool * pool = part->unit->pool;

    /* A torus that is not written out is flat all the same. */
    if (!part->has_geometry && part->flat != T_TRUE)
        return CAUSTIC_NONE;
    return caustic_add(pool, part->has_geometry ? part->scalar : caustic_integer(pool, 0), scalar_of_spheres(part->unit));
}

truth_t
part_flat(const part_struct * part)
{
    truth_t flat = part->flat;

    for (slong i = 0; i < part->unit->spheres; i++)
        if (part->unit->sphere[i] > 1)
            flat = T_FALSE;
    return flat;
}

caustic_expr
parts_scalar(const parts_t parts)
{
    const caustic_setting_struct * whole = parts->reduction->setting;
    caustic_pool * pool = whole->pool;
    caustic_expr sum = caustic_integer(pool, 0);

    for (slong f = 0; f < parts->length; f++)
    {
        const part_struct * part = parts->part + f;
        caustic_expr one = part_scalar(part);

        if (one == CAUSTIC_NONE)
            return CAUSTIC_NONE;
        if (caustic_expr_op(pool, one) == CAUSTIC_OP_NUMBER)
            sum = caustic_add(pool, sum, caustic_mul(pool, caustic_integer(pool, part->copies), one));
        else if (written_copies(part) < part->copies)
            return CAUSTIC_NONE;
        else
            for (slong copy = 0; copy < part->copies; copy++)
                sum = caustic_add(pool, sum, on_copy(part, whole, one, copy));
    }

    return sum;
}

caustic_expr
parts_constant_curvature(const parts_t parts)
{
    const part_struct * part = parts->part;
    const caustic_setting_struct * unit = part->unit;
    caustic_pool * pool = unit->pool;

    if (parts_flat(parts) == T_TRUE)
        return caustic_integer(pool, 0);
    /* A product of two factors, one of them curved, has planes without curvature. */
    if (parts->length > 1 || part->copies > 1)
        return CAUSTIC_NONE;
    if (unit->spheres == 1 && unit->coordinates == 0)
        return caustic_integer(pool, 1);
    return unit->spheres == 0 ? part->constant : CAUSTIC_NONE;
}

caustic_expr
parts_potential(const parts_t parts)
{
    const caustic_setting_struct * whole = parts->reduction->setting;
    caustic_expr zero = caustic_integer(whole->pool, 0), sum = zero;
    int weighted = 0;

    for (slong f = 0; f < parts->length; f++)
    {
        const part_struct * part = parts->part + f;

        if (part->potential == CAUSTIC_NONE)
            return CAUSTIC_NONE;
        for (slong i = 0; i < part->unit->coordinates; i++)
            weighted = weighted || part->weight[i] != zero;
        for (slong copy = 0; copy < written_copies(part); copy++)
            sum = caustic_add(whole->pool, sum, on_copy(part, whole, part->potential, copy));
    }

    return weighted ? sum : CAUSTIC_NONE;
}

truth_t
parts_flat(const parts_t parts)
{
    truth_t flat = T_TRUE;

    for (slong f = 0; f < parts->length; f++)
        flat = truth_and(flat, part_flat(parts->part + f));

    return flat;
}

truth_t
parts_weight_closed(const parts_t parts)
{
    truth_t closed = T_TRUE;

    for (slong f = 0; f < parts->length; f++)
        closed = truth_and(closed, parts->part[f].weight_closed);
    return closed;
}

const char *
parts_lacking(const parts_t parts)
{
    for (slong f = 0; f < parts->length; f++)
        if (parts->part[f].lacking != NULL)
            return parts->part[f].lacking;
    return NULL;
}

void
parts_check_covariant(caustic_checks_t checks, const parts_t parts)
{
    caustic_verdict verdict = CAUSTIC_PROVED;
    const char * detail = "every component equals that of the coordinate form";
    slong components = 0;

    for (slong f = 0; f < parts->length; f++)
    {
        const caustic_checks_struct * of_part = parts->part[f].checks;

        for (slong i = 0; i < of_part->length; i++)
        {
            const caustic_check_struct * check = of_part->entries + i;

            components++;
            if (check->verdict != CAUSTIC_PROVED && caustic_verdict_and(verdict, check->verdict) != verdict)
                detail = check->detail;
            verdict = caustic_verdict_and(verdict, check->verdict);
            if (verdict == CAUSTIC_PROVED && parts->part[f].reduction->is_torus && parts->length == 1)
                detail = check->detail;
        }
    }

    if (components > 0)
        caustic_checks_add(checks, "covariant_burgers", verdict, "%s", detail);
}
