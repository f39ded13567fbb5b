/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    From cometric and loss to the pencil whose smallest eigenvalue is wanted. With v^i = g^ij d_j l the Hessian with both
    indices raised is

        P^ij = 1/2 (g^ia d_a v^j + g^ja d_a v^i - v^a d_a g^ij),

    which needs neither the metric nor Christoffel symbols [HESSIAN-1]. In flat coordinates s^A, where they are known,
    d_i s^A d_j s^B P^ij is an ordinary symmetric matrix; elsewhere the pencil is that of P and the cometric.
*/

#include <math.h>
#include <string.h>
#include <flint/fmpq_vec.h>
#include <caustic/geometry.h>
#include <caustic/heat.h>
#include "hessian.h"

/* Expressions with more nodes are not rewritten by the exact field. */
#define SIMPLIFIED_NODES 400

/* The Hessian ********************************************************************************/

/* The Hessian in flat coordinates. */
static void
set_flat_form(hessian_t hessian, const caustic_chart_t chart)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    caustic_pool * pool = problem->pool;
    slong d = problem->dimension;
    caustic_expr * slope = flint_malloc((size_t) (d * d) * sizeof(caustic_expr));

    for (slong a = 0; a < d; a++)
        for (slong i = 0; i < d; i++)
            slope[a * d + i] = caustic_derivative(pool, chart->map[a], problem->z[i]);
    for (slong a = 0; a < d; a++)
        for (slong b = a; b < d; b++)
        {
            caustic_expr sum = caustic_integer(pool, 0);

            for (slong i = 0; i < d; i++)
                sum = caustic_add(pool, sum, caustic_mul(pool, slope[a * d + i],
                    caustic_contract(pool, hessian->raised + i * d, slope + b * d, d)));
            hessian->form[a * d + b] = hessian->form[b * d + a] = sum;
        }
    flint_free(slope);
}

/* Flatness ***********************************************************************************/

static int
curvature_vanishes(hessian_t hessian)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    gr_ctx_struct * field = hessian->field;
    slong d = problem->dimension;
    caustic_geometry_t geometry;
    gr_mat_t cometric, drift;
    int status = GR_SUCCESS, flat = 0;

    gr_mat_init(cometric, d, d, field);
    gr_mat_init(drift, d, 1, field);
    for (slong i = 0; i < d * d && status == GR_SUCCESS; i++)
        status = caustic_field_set_expr(gr_mat_entry_ptr(cometric, i / d, i % d, field), problem->cometric[i], field);
    if (status == GR_SUCCESS)
    {
        caustic_geometry_init(geometry, cometric, drift, field);
        flat = geometry->status == GR_SUCCESS && geometry->flat == T_TRUE;
        caustic_geometry_clear(geometry);
    }
    gr_mat_clear(cometric, field);
    gr_mat_clear(drift, field);
    return flat;
}

/* The constant curvature; 0 where it is not constant. */
static void
set_constant_curvature(fmpq_t constant, const gr_mat_t cometric, const gr_mat_t drift, gr_ctx_struct * field)
{
    caustic_geometry_t geometry;

    caustic_geometry_init(geometry, cometric, drift, field);
    if (geometry->status != GR_SUCCESS || geometry->constant_curvature != T_TRUE
        || caustic_field_get_fmpq(constant, gr_mat_entry_srcptr(geometry->curvature, 0, 0, field), field) != T_TRUE)
        fmpq_zero(constant);
    caustic_geometry_clear(geometry);
}

/* -1 where the parallel curvature is nowhere positive at a point of the box, hence on all of it. [FOCAL-16] */
static int
sign_of_curvature(const hessian_t hessian, const gr_mat_t riemann)
{
    slong d = hessian->problem->dimension;
    fmpq * point = _fmpq_vec_init(d);
    int sign;

    for (slong k = 0; k < d; k++)
        region_inner_point(point + k, hessian->region + k);
    sign = caustic_geometry_is_nonpositive(riemann, point, (gr_ctx_struct *) hessian->field) == T_TRUE ? -1 : 1;
    _fmpq_vec_clear(point, d);
    return sign;
}

/* R(., v)v with raised indices: kappa (q g^ij - v^i v^j) with q = |v|^2, or R^ikjl s_k s_l with s = dl. */
static void
set_curvature(hessian_t hessian, const gr_mat_t riemann, const fmpq_t constant)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    caustic_pool * pool = problem->pool;
    slong d = problem->dimension;
    caustic_expr * room = flint_malloc((size_t) (2 * d) * sizeof(caustic_expr)), * s = room, * v = room + d, q, kappa;

    hessian->curvature = flint_malloc((size_t) (d * d) * sizeof(caustic_expr));
    for (slong i = 0; i < d; i++)
        s[i] = caustic_derivative(pool, problem->loss, problem->z[i]);
    for (slong i = 0; i < d; i++)
        v[i] = caustic_contract(pool, problem->cometric + i * d, s, d);
    q = caustic_contract(pool, s, v, d);
    kappa = caustic_number(pool, constant);
    for (slong i = 0; i < d; i++)
        for (slong j = i; j < d; j++)
        {
            caustic_expr sum = caustic_integer(pool, 0);

            if (!fmpq_is_zero(constant))
                sum = caustic_mul(pool, kappa, caustic_sub(pool, caustic_mul(pool, q, problem->cometric[i * d + j]),
                    caustic_mul(pool, v[i], v[j])));
            for (slong k = 0; k < d && fmpq_is_zero(constant); k++)
                for (slong l = 0; l < d; l++)
                    sum = caustic_add(pool, sum, caustic_mul(pool, caustic_mul(pool, s[k], s[l]),
                        caustic_field_get_expr(gr_mat_entry_srcptr(riemann, i * d + k, j * d + l, hessian->field), hessian->field)));
            hessian->curvature[i * d + j] = hessian->curvature[j * d + i] = sum;
        }
    flint_free(room);
}

/* Above this many coordinates the curvature tensor's derivative is not asked for: d^5/4 functions. */
#define MOST_COORDINATES 8

/* The pencil of Hessian and cometric. */
static void
set_pencil(hessian_t hessian)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    size_t size = (size_t) (problem->dimension * problem->dimension) * sizeof(caustic_expr);

    memcpy(hessian->form, hessian->raised, size);
    hessian->metric = flint_malloc(size);
    memcpy(hessian->metric, problem->cometric, size);
}

/* The curvature tensor, where it is parallel; writes the pencil, and the form of curvature. [FOCAL-8] Where it is not, whether the curvature
   is nowhere positive. [FOCAL-18] */
static int
prove_symmetric(hessian_t hessian)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    gr_ctx_struct * field = hessian->field;
    slong d = problem->dimension;
    gr_mat_t cometric, drift, riemann;
    fmpq_t constant;
    int status = GR_SUCCESS, symmetric;
    truth_t parallel = T_UNKNOWN;

    hessian->curvature_sign = 1;
    if (d > MOST_COORDINATES)
        return 0;
    fmpq_init(constant);
    gr_mat_init(cometric, d, d, field);
    gr_mat_init(drift, d, 1, field);
    gr_mat_init(riemann, d * d, d * d, field);
    for (slong i = 0; i < d * d && status == GR_SUCCESS; i++)
        status = caustic_field_set_expr(gr_mat_entry_ptr(cometric, i / d, i % d, field), problem->cometric[i], field);
    if (status == GR_SUCCESS)
        parallel = caustic_geometry_curvature_tensor(riemann, cometric, drift, field);
    symmetric = parallel == T_TRUE;
    if (parallel == T_FALSE && caustic_geometry_is_nowhere_positive(riemann, field))
        hessian->curvature_sign = -1;
    if (symmetric)
    {
        set_constant_curvature(constant, cometric, drift, field);
        hessian->curvature_sign = sign_of_curvature(hessian, riemann);
        set_curvature(hessian, riemann, constant);
        fmpq_set(hessian->constant, constant);
        hessian->has_constant = !fmpq_is_zero(constant);
        set_pencil(hessian);
    }
    gr_mat_clear(cometric, field);
    gr_mat_clear(drift, field);
    gr_mat_clear(riemann, field);
    fmpq_clear(constant);
    return symmetric;
}

/* Flat coordinates, or a curvature that is 0; writes the pencil. [HESSIAN-2] */
static int
prove_flat(hessian_t hessian)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    slong d = problem->dimension;
    caustic_chart_t chart;
    int flat;

    caustic_chart_init(chart, d);
    flat = caustic_chart_find(chart, problem->pool, problem->z, problem->domain, problem->cometric, problem->drift, NULL,
        "s") == CAUSTIC_OK && chart->proved;
    if (flat)
        set_flat_form(hessian, chart);
    caustic_chart_clear(chart);
    if (!flat && curvature_vanishes(hessian))
    {
        flat = 1;
        set_pencil(hessian);
    }
    return flat;
}

/* Regularity *********************************************************************************/

static int
is_finite_region(const hessian_t hessian)
{
    for (slong k = 0; k < hessian->problem->dimension; k++)
        if (!region_is_finite(hessian->region + k))
            return 0;
    return 1;
}

/* On the open chart. */
static int
is_smooth_by_form(hessian_t hessian)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    caustic_text_t why;
    int smooth;

    caustic_text_init(why);
    smooth = caustic_field_is_smooth(why, problem->loss, NULL, 0, 0, hessian->field) == T_TRUE;
    for (slong i = 0; i < problem->dimension * problem->dimension && smooth; i++)
        smooth = caustic_field_is_smooth(why, problem->cometric[i], NULL, 0, 0, hessian->field) == T_TRUE;
    caustic_text_clear(why);
    return smooth;
}

/* By form on the open chart, of which the included ends must be inner points. */
int
hessian_is_regular_by_form(hessian_t hessian)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    int regular = hessian->metric == NULL;

    for (slong k = 0; k < problem->dimension; k++)
    {
        const caustic_interval_struct * domain = problem->domain + k;
        const region_struct * region = hessian->region + k;

        regular = regular && (domain->lower_infinite || !region->lower_included
            || fmpq_cmp(region->lower, domain->lower) > 0);
        regular = regular && (domain->upper_infinite || !region->upper_included
            || fmpq_cmp(region->upper, domain->upper) < 0);
    }
    return regular && is_smooth_by_form(hessian);
}

/* Cells of the region, halved along their longest side, on each of which l and g have finite jets of second order and
   g > 0 by its Cholesky factors. */
typedef struct
{
    caustic_tape * tape;
    caustic_jet_shape * shape;
    slong d;
    int metric_too;
    slong left;     /* cells that may still be looked at */
    const hessian_struct * shell;   /* NULL, or only points at the distances of its region from the origin matter */
}
cover_struct;

/* All points of the box are nearer to the origin, or farther, than those of the region. */
static int
is_off_shell(const cover_struct * cover, arb_srcptr box)
{
    arb_t square, end;
    int off;

    if (cover->shell == NULL)
        return 0;
    arb_init(square);
    arb_init(end);
    for (slong k = 0; k < cover->d; k++)
    {
        arb_sqr(end, box + k, 2 * SEARCH_PRECISION);
        arb_nonnegative_part(end, end);
        arb_add(square, square, end, 2 * SEARCH_PRECISION);
    }
    arb_set_fmpq(end, cover->shell->nearest, 2 * SEARCH_PRECISION);
    off = arb_lt(square, end);
    arb_set_fmpq(end, cover->shell->farthest, 2 * SEARCH_PRECISION);
    off = off || arb_gt(square, end);
    arb_clear(square);
    arb_clear(end);
    return off;
}

static int
cell_is_regular(const cover_struct * cover, arb_srcptr box)
{
    slong d = cover->d, roots = 1 + d * d, length = caustic_jet_length(cover->shape);
    arb_ptr room = _arb_vec_init((roots + d) * length);
    arb_ptr * out = flint_malloc((size_t) (roots + d) * sizeof(arb_ptr));
    arb_srcptr * in = flint_malloc((size_t) d * sizeof(arb_srcptr));
    arb_mat_t g;
    int regular;

    for (slong i = 0; i < roots + d; i++)
        out[i] = room + i * length;
    for (slong k = 0; k < d; k++)
    {
        caustic_jet_variable(out[roots + k], box + k, k, cover->shape);
        in[k] = out[roots + k];
    }
    caustic_tape_evaluate_jet(out, cover->tape, in, cover->shape, 2 * SEARCH_PRECISION);
    regular = _arb_vec_is_finite(room, roots * length);
    if (regular && cover->metric_too)
    {
        arb_mat_init(g, d, d);
        for (slong i = 0; i < d * d; i++)
            arb_set(arb_mat_entry(g, i / d, i % d), out[1 + i]);
        regular = arb_mat_cho(g, g, 2 * SEARCH_PRECISION);
        arb_mat_clear(g);
    }
    _arb_vec_clear(room, (roots + d) * length);
    flint_free(out);
    flint_free(in);
    return regular;
}

#define DEEPEST 120

/* Cells of a shell: where they do not do, rotations are not made use of. */
#define SHELL_CELLS 4000

static int
cover_is_regular(cover_struct * cover, arb_srcptr whole)
{
    slong d = cover->d, level = 0;
    arb_ptr stack = _arb_vec_init((DEEPEST + 2) * d);
    int regular = 1;

    _arb_vec_set(stack, whole, d);
    while (regular && level >= 0)
    {
        arb_ptr box = stack + level * d, next = box + d;
        slong widest = 0;
        arf_t half;

        if (is_off_shell(cover, box) || cell_is_regular(cover, box))
        {
            level--;
            continue;
        }
        for (slong k = 1; k < d; k++)
            if (mag_cmp(arb_radref(box + k), arb_radref(box + widest)) > 0)
                widest = k;
        regular = level < DEEPEST && --cover->left > 0 && !arb_is_exact(box + widest);
        if (!regular)
            break;
        _arb_vec_set(next, box, d);
        mag_mul_2exp_si(arb_radref(box + widest), arb_radref(box + widest), -1);
        mag_mul_2exp_si(arb_radref(next + widest), arb_radref(next + widest), -1);
        arf_init(half);
        arf_set_mag(half, arb_radref(box + widest));
        arf_sub(arb_midref(box + widest), arb_midref(box + widest), half, ARF_PREC_EXACT, ARF_RND_DOWN);
        arf_add(arb_midref(next + widest), arb_midref(next + widest), half, ARF_PREC_EXACT, ARF_RND_DOWN);
        arf_clear(half);
        level++;
    }
    _arb_vec_clear(stack, (DEEPEST + 2) * d);
    return regular;
}

/* On the region, or, for a shell, at all points of space at its distances from the origin. */
static int
is_regular_by_balls(hessian_t hessian, int shell)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    slong d = problem->dimension, prec = 4 * SEARCH_PRECISION;
    caustic_expr * roots = flint_malloc((size_t) (1 + d * d) * sizeof(caustic_expr));
    cover_struct cover = { NULL, caustic_jet_shape_new(d, 2), d, hessian->metric != NULL, shell ? SHELL_CELLS : 20000,
        shell ? hessian : NULL };
    arb_ptr whole = _arb_vec_init(d);
    arb_t end;
    int regular = 0;

    roots[0] = problem->loss;
    memcpy(roots + 1, problem->cometric, (size_t) (d * d) * sizeof(caustic_expr));
    cover.tape = caustic_tape_new(problem->pool, roots, 1 + d * d, problem->z, d);
    if (cover.tape != NULL && is_finite_region(hessian))
    {
        arb_init(end);
        for (slong k = 0; k < d; k++)
        {
            arb_set_fmpq(whole + k, hessian->region[k].lower, prec);
            arb_set_fmpq(end, hessian->region[k].upper, prec);
            arb_union(whole + k, whole + k, end, prec);
            if (shell)
            {
                arb_set_fmpq(end, hessian->farthest, prec);
                arb_sqrt(end, end, prec);
                arb_zero(whole + k);
                arb_add_error(whole + k, end);
            }
        }
        arb_clear(end);
        regular = cover_is_regular(&cover, whole);
    }
    caustic_tape_free(cover.tape);
    caustic_jet_shape_free(cover.shape);
    _arb_vec_clear(whole, d);
    flint_free(roots);
    return regular;
}

static int
prove_regular(hessian_t hessian)
{
    if (hessian_is_regular_by_form(hessian) || is_regular_by_balls(hessian, 0))
        return 1;
    caustic_text_append(hessian->detail, "the loss and the cometric are not certified defined, smooth and positive on the whole"
        " box; a finite box that keeps away from kinks and ends of the domain may do");
    return 0;
}

/* Simpler forms ******************************************************************************/

/* How much is lost on a box in the middle of the region, 2^-part of its size: a guide. */
static double
looseness(const hessian_t hessian, caustic_expr e, slong part)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    caustic_tape * tape = caustic_tape_new(problem->pool, &e, 1, problem->z, problem->dimension);
    arb_ptr box = _arb_vec_init(problem->dimension + 1), value = box + problem->dimension;
    double loose = HUGE_VAL;
    fmpq_t x;

    fmpq_init(x);
    for (slong k = 0; k < problem->dimension; k++)
    {
        region_inner_point(x, hessian->region + k);
        arb_set_fmpq(box + k, x, SEARCH_PRECISION);
        if (region_is_finite(hessian->region + k))
        {
            fmpq_sub(x, hessian->region[k].upper, hessian->region[k].lower);
            fmpq_div_2exp(x, x, (ulong) part + 1);
            arb_set_fmpq(value, x, SEARCH_PRECISION);
        }
        else
            arb_one(value);
        arb_add_error(box + k, value);
    }
    if (tape != NULL)
    {
        caustic_tape_evaluate_arb(value, tape, box, SEARCH_PRECISION);
        if (arb_is_finite(value))
            loose = mag_get_d_log2_approx(arb_radref(value));
    }
    caustic_tape_free(tape);
    _arb_vec_clear(box, problem->dimension + 1);
    fmpq_clear(x);
    return loose;
}

/* The exact field's form, where it is not worse: equal on a dense set, and both continuous where they are finite [SHOCK-14]. */
static caustic_expr
simplified(hessian_t hessian, caustic_expr e)
{
    caustic_pool * pool = hessian->problem->pool;
    gr_ctx_struct * field = hessian->field;
    caustic_expr other = CAUSTIC_NONE;
    gr_ptr x;

    if (e == CAUSTIC_NONE || caustic_expr_op(pool, e) == CAUSTIC_OP_NUMBER || caustic_expr_nodes(pool, e) > SIMPLIFIED_NODES)
        return e;
    x = gr_heap_init(field);
    if (caustic_field_set_expr(x, e, field) == GR_SUCCESS)
        other = caustic_field_get_expr(x, field);
    gr_heap_clear(x, field);
    if (other == CAUSTIC_NONE || other == e)
        return e;
    if (caustic_expr_op(pool, other) == CAUSTIC_OP_NUMBER)
        return other;
    return caustic_expr_nodes(pool, other) <= 4 * caustic_expr_nodes(pool, e) + 20
        && looseness(hessian, other, 0) <= looseness(hessian, e, 0) + 1
        && looseness(hessian, other, 3) <= looseness(hessian, e, 3) + 0.2 ? other : e;
}

static void
simplify(hessian_t hessian, caustic_expr * matrix)
{
    slong d = hessian->problem->dimension;

    for (slong i = 0; i < d; i++)
        for (slong j = i; j < d; j++)
            matrix[i * d + j] = matrix[j * d + i] = simplified(hessian, matrix[i * d + j]);
}

truth_t
hessian_is_zero(hessian_t hessian, caustic_expr e)
{
    gr_ctx_struct * field = hessian->field;
    truth_t zero = T_UNKNOWN;
    gr_ptr x;

    if (e == CAUSTIC_NONE)
        return T_UNKNOWN;
    if (caustic_expr_op(hessian->problem->pool, e) == CAUSTIC_OP_NUMBER)
        return fmpq_is_zero(caustic_expr_fmpq(hessian->problem->pool, e)) ? T_TRUE : T_FALSE;
    x = gr_heap_init(field);
    if (caustic_field_set_expr(x, e, field) == GR_SUCCESS)
        zero = caustic_field_is_zero(x, NULL, field);
    gr_heap_clear(x, field);
    return zero;
}

/* Blocks *************************************************************************************/

static int
is_zero_number(const hessian_t hessian, caustic_expr e)
{
    const caustic_pool * pool = hessian->problem->pool;

    return caustic_expr_op(pool, e) == CAUSTIC_OP_NUMBER && fmpq_is_zero(caustic_expr_fmpq(pool, e));
}

/* Connected components of the entries that are not 0. [HESSIAN-7] */
static void
label_rows(slong * label, const hessian_t hessian)
{
    slong d = hessian->problem->dimension;
    int changed = 1;

    for (slong i = 0; i < d; i++)
        label[i] = i;
    while (changed)
    {
        changed = 0;
        for (slong i = 0; i < d; i++)
            for (slong j = 0; j < d; j++)
                if (label[j] < label[i] && !(is_zero_number(hessian, hessian->form[i * d + j])
                    && (hessian->metric == NULL || is_zero_number(hessian, hessian->metric[i * d + j]))
                    && (hessian->curvature == NULL || is_zero_number(hessian, hessian->curvature[i * d + j]))))
                {
                    label[i] = label[j];
                    changed = 1;
                }
    }
}

slong
hessian_largest_block(const hessian_t hessian)
{
    slong d = hessian->problem->dimension, largest = 0;
    slong * label = flint_malloc((size_t) d * sizeof(slong));

    label_rows(label, hessian);
    for (slong i = 0; i < d; i++)
    {
        slong rows = 0;

        for (slong j = 0; j < d; j++)
            rows += label[j] == i;
        largest = FLINT_MAX(largest, rows);
    }
    flint_free(label);
    return largest;
}

static int
block_depends(const hessian_t hessian, const block_struct * block, caustic_expr z)
{
    slong d = hessian->problem->dimension;
    int depends = 0;

    for (slong i = 0; i < block->size && !depends; i++)
        for (slong j = i; j < block->size && !depends; j++)
        {
            slong e = block->row[i] * d + block->row[j];

            depends = caustic_expr_depends(hessian->problem->pool, hessian->form[e], z)
                || (hessian->metric != NULL && caustic_expr_depends(hessian->problem->pool, hessian->metric[e], z))
                || (hessian->curvature != NULL && caustic_expr_depends(hessian->problem->pool, hessian->curvature[e], z));
        }
    return depends;
}

static int
block_init(block_struct * block, const hessian_t hessian, const slong * label, slong which)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    slong d = problem->dimension, half, length = 0;
    caustic_expr * entries, * symbols;
    int good;

    memset(block, 0, sizeof(block_struct));
    block->row = flint_malloc((size_t) d * sizeof(slong));
    block->variable = flint_malloc((size_t) d * sizeof(slong));
    for (slong i = 0; i < d; i++)
        if (label[i] == which)
            block->row[block->size++] = i;
    for (slong k = 0; k < d; k++)
        if (block_depends(hessian, block, problem->z[k]))
            block->variable[block->variables++] = k;
    block->constant = block->variables == 0;
    if (block->constant)
        block->variable[block->variables++] = 0;

    half = block->size * (block->size + 1) / 2;
    entries = flint_malloc((size_t) (3 * half) * sizeof(caustic_expr));
    symbols = flint_malloc((size_t) d * sizeof(caustic_expr));
    for (slong i = 0; i < block->size; i++)
        for (slong j = i; j < block->size; j++, length++)
        {
            slong e = block->row[i] * d + block->row[j];

            entries[length] = hessian->form[e];
            entries[half + length] = hessian->metric == NULL ? CAUSTIC_NONE : hessian->metric[e];
            entries[2 * half + length] = hessian->curvature == NULL ? CAUSTIC_NONE : hessian->curvature[e];
        }
    for (slong k = 0; k < block->variables; k++)
        symbols[k] = problem->z[block->variable[k]];
    good = pencil_init(block->pencil, problem->pool, symbols, block->variables, block->size, entries, hessian->metric == NULL,
        hessian->curvature != NULL);
    flint_free(entries);
    flint_free(symbols);
    return good;
}

static int
set_blocks(hessian_t hessian)
{
    slong d = hessian->problem->dimension;
    slong * label = flint_malloc((size_t) d * sizeof(slong));
    int good = 1;

    for (slong i = 0; i < d * d && good; i++)
        good = hessian->form[i] != CAUSTIC_NONE && (hessian->curvature == NULL || hessian->curvature[i] != CAUSTIC_NONE);
    if (good)
    {
        hessian->block = flint_calloc((size_t) d, sizeof(block_struct));
        label_rows(label, hessian);
        for (slong i = 0; i < d; i++)
            if (label[i] == i)
                good = block_init(hessian->block + hessian->blocks++, hessian, label, i) && good;
    }
    if (!good)
        caustic_text_append(hessian->detail, "the Hessian could not be written out");
    flint_free(label);
    return good;
}

/* Symmetry ***********************************************************************************/

static int
same_region(const hessian_t hessian, slong j, slong k)
{
    const region_struct * a = hessian->region + j, * b = hessian->region + k;
    const caustic_interval_struct * c = hessian->problem->domain + j, * e = hessian->problem->domain + k;

    return fmpq_equal(a->lower, b->lower) && fmpq_equal(a->upper, b->upper) && a->lower_included == b->lower_included
        && a->upper_included == b->upper_included && a->lower_infinite == b->lower_infinite
        && a->upper_infinite == b->upper_infinite && c->lower_infinite == e->lower_infinite
        && c->upper_infinite == e->upper_infinite && (c->lower_infinite || fmpq_equal(c->lower, e->lower))
        && (c->upper_infinite || fmpq_equal(c->upper, e->upper));
}

/* Whether the exchange of two coordinates is an isometry that keeps the loss. */
static int
may_exchange(hessian_t hessian, slong j, slong k)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    caustic_pool * pool = problem->pool;
    slong d = problem->dimension;
    caustic_expr from[2] = { problem->z[j], problem->z[k] }, to[2] = { problem->z[k], problem->z[j] };
    int may = same_region(hessian, j, k);

    may = may && hessian_is_zero(hessian, caustic_sub(pool, problem->loss,
        caustic_substitute(pool, problem->loss, from, to, 2))) == T_TRUE;
    for (slong a = 0; a < d && may; a++)
        for (slong b = a; b < d && may; b++)
        {
            slong c = a == j ? k : a == k ? j : a, e = b == j ? k : b == k ? j : b;

            may = hessian_is_zero(hessian, caustic_sub(pool, problem->cometric[c * d + e],
                caustic_substitute(pool, problem->cometric[a * d + b], from, to, 2))) == T_TRUE;
        }
    return may;
}

/* [HESSIAN-7] The exchanges of the members of a class with its first generate all its permutations. */
static void
find_symmetry(hessian_t hessian)
{
    slong d = hessian->problem->dimension;
    int any = 0;

    hessian->symmetric = flint_malloc((size_t) d * sizeof(slong));
    for (slong k = 0; k < d; k++)
    {
        hessian->symmetric[k] = k;
        for (slong j = 0; j < k; j++)
            if (hessian->symmetric[j] == j && may_exchange(hessian, j, k))
            {
                hessian->symmetric[k] = j;
                any = 1;
                break;
            }
    }
    if (!any)
    {
        flint_free(hessian->symmetric);
        hessian->symmetric = NULL;
    }
}

/* Rotations **********************************************************************************/

/* Whether xi = z_k d_j - z_j d_k keeps the loss and the cometric: xi l = 0, and xi g^ab - g^cb d_c xi^a - g^ac d_c xi^b = 0. */
static int
is_rotation_symmetry(hessian_t hessian, slong j, slong k)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    caustic_pool * pool = problem->pool;
    const caustic_expr * g = problem->cometric, * z = problem->z;
    slong d = problem->dimension;
    int keeps = 1;

    for (slong e = -1; e < d * d && keeps; e++)
    {
        slong a = e / d, b = e % d;
        caustic_expr f = e < 0 ? problem->loss : g[e];
        caustic_expr change = caustic_sub(pool, caustic_mul(pool, z[k], caustic_derivative(pool, f, z[j])),
            caustic_mul(pool, z[j], caustic_derivative(pool, f, z[k])));

        if (e >= 0 && a == j)
            change = caustic_sub(pool, change, g[k * d + b]);
        if (e >= 0 && a == k)
            change = caustic_add(pool, change, g[j * d + b]);
        if (e >= 0 && b == j)
            change = caustic_sub(pool, change, g[a * d + k]);
        if (e >= 0 && b == k)
            change = caustic_add(pool, change, g[a * d + j]);
        keeps = hessian_is_zero(hessian, change) == T_TRUE;
    }
    return keeps;
}

/* The squares of the least and the largest distance of the region's points from the origin. */
static void
squared_distances(hessian_t hessian)
{
    fmpq_t low, high, zero;

    fmpq_init(low);
    fmpq_init(high);
    fmpq_init(zero);
    fmpq_zero(hessian->nearest);
    fmpq_zero(hessian->farthest);
    for (slong k = 0; k < hessian->problem->dimension; k++)
    {
        const region_struct * region = hessian->region + k;

        fmpq_abs(low, region->lower);
        fmpq_abs(high, region->upper);
        if (fmpq_cmp(low, high) > 0)
            fmpq_swap(low, high);
        if (fmpq_cmp(region->lower, zero) > 0 || fmpq_cmp(region->upper, zero) < 0)
            fmpq_addmul(hessian->nearest, low, low);
        fmpq_addmul(hessian->farthest, high, high);
    }
    fmpq_clear(low);
    fmpq_clear(high);
    fmpq_clear(zero);
}

/* The ends of the region on the first axis are known to so many bits, outward. */
#define RADIUS_BITS 800

static void
set_root(fmpq_t root, const fmpq_t square, int up)
{
    arb_t x;
    arf_t end;

    arb_init(x);
    arf_init(end);
    arb_set_fmpq(x, square, 2 * RADIUS_BITS);
    arb_sqrt(x, x, RADIUS_BITS);
    if (up)
        arb_get_ubound_arf(end, x, RADIUS_BITS);
    else
        arb_get_lbound_arf(end, x, RADIUS_BITS);
    arf_get_fmpq(root, end);
    arb_clear(x);
    arf_clear(end);
}

/* Every orbit meets the first axis: the region becomes the distances there, with both signs where the box contains the origin, and
   the entries those on the axis. [FOCAL-11] */
static void
reduce_by_rotations(hessian_t hessian)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    slong d = problem->dimension;
    caustic_expr * axis = flint_malloc((size_t) d * sizeof(caustic_expr));
    caustic_expr * matrix[3] = {hessian->form, hessian->metric, hessian->curvature};

    hessian->radial = 1;
    set_root(hessian->region->upper, hessian->farthest, 1);
    if (fmpq_is_zero(hessian->nearest))
        fmpq_neg(hessian->region->lower, hessian->region->upper);
    else
        set_root(hessian->region->lower, hessian->nearest, 0);
    for (slong k = 0; k < d; k++)
    {
        axis[k] = k == 0 ? problem->z[0] : caustic_integer(problem->pool, 0);
        if (k > 0)
        {
            fmpq_zero(hessian->region[k].lower);
            fmpq_zero(hessian->region[k].upper);
        }
    }
    for (int which = 0; which < 3; which++)
        for (slong i = 0; i < d * d; i++)
            matrix[which][i] = caustic_substitute(problem->pool, matrix[which][i], problem->z, axis, d);
    flint_free(axis);
}

static void
find_rotations(hessian_t hessian)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    int symmetric = hessian->curvature != NULL && problem->dimension > 1 && is_finite_region(hessian);

    for (slong k = 0; k < problem->dimension; k++)
        symmetric = symmetric && problem->domain[k].lower_infinite && problem->domain[k].upper_infinite;
    for (slong k = 1; k < problem->dimension && symmetric; k++)
        symmetric = is_rotation_symmetry(hessian, 0, k);
    if (!symmetric)
        return;
    /* that the derivatives along circles vanish says nothing of both sides of a place where the loss is not smooth */
    squared_distances(hessian);
    if (is_smooth_by_form(hessian) || is_regular_by_balls(hessian, 1))
        reduce_by_rotations(hessian);
}

/* All ****************************************************************************************/

void
hessian_init(hessian_t hessian, const caustic_shock_flat_problem * problem)
{
    slong d = problem->dimension;

    memset(hessian, 0, sizeof(hessian_struct));
    hessian->problem = problem;
    hessian->region = flint_malloc((size_t) d * sizeof(region_struct));
    for (slong k = 0; k < d; k++)
        region_init(hessian->region + k);
    hessian->raised = flint_calloc((size_t) (d * d), sizeof(caustic_expr));
    hessian->form = flint_calloc((size_t) (d * d), sizeof(caustic_expr));
    caustic_text_init(hessian->detail);
    fmpq_init(hessian->constant);
    fmpq_init(hessian->nearest);
    fmpq_init(hessian->farthest);
}

void
hessian_clear(hessian_t hessian)
{
    for (slong k = 0; k < hessian->problem->dimension; k++)
        region_clear(hessian->region + k);
    for (slong i = 0; i < hessian->blocks; i++)
    {
        pencil_clear(hessian->block[i].pencil);
        flint_free(hessian->block[i].row);
        flint_free(hessian->block[i].variable);
    }
    flint_free(hessian->block);
    flint_free(hessian->region);
    flint_free(hessian->raised);
    flint_free(hessian->form);
    flint_free(hessian->metric);
    flint_free(hessian->curvature);
    flint_free(hessian->symmetric);
    if (hessian->field_open)
        gr_ctx_clear(hessian->field);
    caustic_text_clear(hessian->detail);
    fmpq_clear(hessian->constant);
    fmpq_clear(hessian->nearest);
    fmpq_clear(hessian->farthest);
}

int
hessian_open(hessian_t hessian)
{
    const caustic_shock_flat_problem * problem = hessian->problem;

    if (hessian->field_open)
        return 1;
    for (slong k = 0; k < problem->dimension; k++)
        if (!region_set(hessian->region + k, problem->box + k, problem->domain + k))
        {
            caustic_text_append(hessian->detail, "the box does not meet the coordinates' domain");
            return 0;
        }
    caustic_field_ctx_init(hessian->field, problem->pool, problem->z, problem->domain, problem->dimension);
    hessian->field_open = 1;
    return 1;
}

int
hessian_prepare(hessian_t hessian, int rotate)
{
    if (!hessian_open(hessian))
        return 0;
    caustic_geometry_raised_hessian(hessian->raised, hessian->problem->pool, hessian->problem->z, hessian->problem->dimension,
        hessian->problem->cometric, hessian->problem->loss);
    hessian->general = !prove_flat(hessian) && !prove_symmetric(hessian);
    if (hessian->general && hessian->curvature_sign < 0)
        set_pencil(hessian);
    else if (hessian->general)
    {
        caustic_text_append(hessian->detail, "the quotient is not seen to be flat or locally symmetric, and shock times in several"
            " dimensions are certified on such quotients today");
        return 0;
    }
    if (!prove_regular(hessian))
        return 0;
    if (rotate)
        find_rotations(hessian);
    simplify(hessian, hessian->form);
    if (hessian->metric != NULL)
        simplify(hessian, hessian->metric);
    if (hessian->curvature != NULL)
        simplify(hessian, hessian->curvature);
    if (!set_blocks(hessian))
        return 0;
    if (!hessian->radial)
        find_symmetry(hessian);
    return 1;
}
