/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "geometry/tensors.h"

void
tensors_init(tensors_t tensors, const gr_mat_t cometric, const gr_mat_t drift, gr_ctx_t ctx)
{
    const gr_mat_struct * given[2] = {cometric, drift};
    slong d = cometric->r, pairs = pairs_of(d);

    numerators_init(tensors->ring, ctx, d, given, 2);
    tensors->d = d;
    fractions_init(tensors->cometric, d * d, tensors->ring);
    fractions_init(tensors->drift, d, tensors->ring);
    fractions_init(tensors->metric, d * d, tensors->ring);
    fractions_init(tensors->slope, d * d * d, tensors->ring);
    fractions_init(tensors->raised, d * d * d, tensors->ring);
    fractions_init(tensors->mixed, d * d * d, tensors->ring);
    fractions_init(tensors->riemann, pairs * (pairs + 1) / 2, tensors->ring);
    fractions_init(tensors->ricci, d * d, tensors->ring);
    fractions_init(tensors->scalar, 1, tensors->ring);
}

void
tensors_clear(tensors_t tensors)
{
    fractions_clear(tensors->cometric, tensors->ring);
    fractions_clear(tensors->drift, tensors->ring);
    fractions_clear(tensors->metric, tensors->ring);
    fractions_clear(tensors->slope, tensors->ring);
    fractions_clear(tensors->raised, tensors->ring);
    fractions_clear(tensors->mixed, tensors->ring);
    fractions_clear(tensors->riemann, tensors->ring);
    fractions_clear(tensors->ricci, tensors->ring);
    fractions_clear(tensors->scalar, tensors->ring);
    numerators_clear(tensors->ring);
}

static gr_ptr
at2(const fractions_t f, slong i, slong j, const tensors_t tensors)
{
    return fractions_numerator(f, i * tensors->d + j, tensors->ring);
}

static gr_ptr
at3(const fractions_t f, slong k, slong i, slong j, const tensors_t tensors)
{
    return fractions_numerator(f, (k * tensors->d + i) * tensors->d + j, tensors->ring);
}

/* d^i g^{jk}, and 2 Gamma^{k,ij} = d^k g^{ij} - d^i g^{jk} - d^j g^{ik}. [GEOMETRY-1] */
static int
raised_christoffel(tensors_t tensors)
{
    gr_ctx_struct * ring = tensors->ring->ring;
    slong d = tensors->d;
    fractions_t gradient;
    int status;

    fractions_init(gradient, d * d * d, tensors->ring);
    status = fractions_gradient(gradient, tensors->cometric, tensors->ring);
    if (status == GR_SUCCESS)
        status |= fractions_contract(tensors->slope, tensors->cometric, gradient, d, d * d, 1, tensors->ring);

    status |= gr_set(tensors->raised->denominator, tensors->slope->denominator, ring);
    for (slong k = 0; k < d && status == GR_SUCCESS; k++)
        for (slong i = 0; i < d; i++)
            for (slong j = 0; j < d; j++)
            {
                gr_ptr symbol = at3(tensors->raised, k, i, j, tensors);

                status |= gr_sub(symbol, at3(tensors->slope, i, j, k, tensors), at3(tensors->slope, j, k, i, tensors), ring);
                status |= gr_sub(symbol, symbol, at3(tensors->slope, i, k, j, tensors), ring);
            }

    fractions_clear(gradient, tensors->ring);
    return status;
}

/* The place of R^{lkij} for l < k and i < j; 0 with no place where it vanishes by antisymmetry. */
static int
riemann_place(slong * place, slong l, slong k, slong i, slong j)
{
    int sign = ((l < k) == (i < j)) ? 1 : -1;
    slong first = FLINT_MAX(l, k), second = FLINT_MAX(i, j);

    if (l == k || i == j)
        return 0;

    first = pairs_of(first) + FLINT_MIN(l, k);
    second = pairs_of(second) + FLINT_MIN(i, j);
    *place = FLINT_MAX(first, second) * (FLINT_MAX(first, second) + 1) / 2 + FLINT_MIN(first, second);
    return sign;
}

/* The part of 4 R^{lkij} without second derivatives. [GEOMETRY-2] */
static int
riemann_products(gr_ptr sum, slong l, slong k, slong i, slong j, tensors_t t)
{
    numerators_struct * ring = t->ring;
    int status = gr_zero(sum, ring->ring);

    for (slong a = 0; a < t->d && status == GR_SUCCESS; a++)
    {
        status |= numerators_add_product(sum, at3(t->slope, j, a, i, t), at3(t->mixed, l, k, a, t), -1, ring);
        status |= numerators_add_product(sum, at3(t->slope, i, a, j, t), at3(t->mixed, l, k, a, t), 1, ring);
        status |= numerators_add_product(sum, at3(t->slope, k, a, i, t), at3(t->mixed, l, j, a, t), -1, ring);
        status |= numerators_add_product(sum, at3(t->slope, k, a, j, t), at3(t->mixed, l, i, a, t), 1, ring);
    }

    status |= gr_mul_ui(sum, sum, 2, ring->ring);

    for (slong m = 0; m < t->d && status == GR_SUCCESS; m++)
    {
        status |= numerators_add_product(sum, at3(t->mixed, l, i, m, t), at3(t->raised, m, j, k, t), 1, ring);
        status |= numerators_add_product(sum, at3(t->mixed, l, j, m, t), at3(t->raised, m, i, k, t), -1, ring);
    }

    return status;
}

/* R^{lkij} for l < k, i < j and the second pair not after the first: the others follow by symmetry. */
static int
riemann_tensor(tensors_t tensors)
{
    numerators_struct * ring = tensors->ring;
    slong d = tensors->d, place = 0;
    fractions_t gradient, second, products;
    int status;

    fractions_init(gradient, d * d * d * d, ring);
    fractions_init(second, d * d * d * d, ring); /* [l][j][k][i]: 2 d^i Gamma^{l,jk} */
    fractions_init(products, tensors->riemann->length, ring);

    status = fractions_gradient(gradient, tensors->raised, ring);
    if (status == GR_SUCCESS)
        status |= fractions_contract(second, tensors->cometric, gradient, d, d * d * d, 1, tensors->ring);
    if (status == GR_SUCCESS)
        status |= fractions_set_product_denominator(products, tensors->slope, tensors->mixed, ring);
    status |= gr_set(tensors->riemann->denominator, second->denominator, ring->ring);

    for (slong k = 1; k < d && status == GR_SUCCESS; k++)
        for (slong l = 0; l < k; l++)
            for (slong j = 1; j < d; j++)
                for (slong i = 0; i < j && status == GR_SUCCESS; i++)
                {
                    gr_ptr entry;

                    if (pairs_of(j) + i > pairs_of(k) + l)
                        continue;

                    (void) riemann_place(&place, l, k, i, j);
                    entry = fractions_numerator(tensors->riemann, place, ring);
                    status |= gr_sub(entry, at2(second, (l * d + j) * d + k, i, tensors),
                        at2(second, (l * d + i) * d + k, j, tensors), ring->ring);
                    status |= gr_mul_ui(entry, entry, 2, ring->ring);
                    status |= riemann_products(fractions_numerator(products, place, ring), l, k, i, j, tensors);
                }

    if (status == GR_SUCCESS)
        status |= fractions_add(tensors->riemann, tensors->riemann, products, 1, ring);
    if (status == GR_SUCCESS)
        status |= fractions_divide_ui(tensors->riemann, 4, ring);
    if (status == GR_SUCCESS)
        status |= fractions_reduce(tensors->riemann, ring);

    fractions_clear(gradient, ring);
    fractions_clear(second, ring);
    fractions_clear(products, ring);
    return status;
}

/* Ric^{kj} = g_{li} R^{lkij}, lowered; the scalar is the trace on the way. */
static int
ricci_tensor(tensors_t tensors)
{
    numerators_struct * ring = tensors->ring;
    slong d = tensors->d, place = 0;
    fractions_t upper, half;
    int status;

    fractions_init(upper, d * d, ring);
    fractions_init(half, d * d, ring);
    status = fractions_set_product_denominator(upper, tensors->metric, tensors->riemann, ring);

    for (slong k = 0; k < d; k++)
        for (slong j = 0; j < d; j++)
            for (slong l = 0; l < d; l++)
                for (slong i = 0; i < d && status == GR_SUCCESS; i++)
                {
                    int sign = riemann_place(&place, l, k, i, j);

                    if (sign != 0)
                        status |= numerators_add_product(at2(upper, k, j, tensors), at2(tensors->metric, l, i, tensors),
                            fractions_numerator(tensors->riemann, place, ring), sign, ring);
                }

    if (status == GR_SUCCESS)
        status |= fractions_reduce(upper, ring);
    if (status == GR_SUCCESS)
        status |= fractions_contract(half, tensors->metric, upper, d, d, 1, tensors->ring); /* [k][b] */
    if (status == GR_SUCCESS)
        status |= fractions_contract(tensors->ricci, tensors->metric, half, d, 1, d, tensors->ring);

    status |= gr_set(tensors->scalar->denominator, half->denominator, ring->ring);
    for (slong k = 0; k < d; k++)
        status |= gr_add(fractions_numerator(tensors->scalar, 0, ring), fractions_numerator(tensors->scalar, 0, ring),
            at2(half, k, k, tensors), ring->ring);
    if (status == GR_SUCCESS)
        status |= fractions_reduce(tensors->scalar, ring);

    fractions_clear(upper, ring);
    fractions_clear(half, ring);
    return status;
}

int
tensors_compute(tensors_t tensors, const gr_mat_t cometric, const gr_mat_t drift, const gr_mat_t metric)
{
    slong d = tensors->d;
    int status = fractions_set_matrix(tensors->cometric, 0, cometric, tensors->ring);

    if (status == GR_SUCCESS)
        status |= fractions_set_matrix(tensors->drift, 0, drift, tensors->ring);
    if (status == GR_SUCCESS)
        status |= fractions_set_matrix(tensors->metric, 0, metric, tensors->ring);
    if (status == GR_SUCCESS)
        status |= raised_christoffel(tensors);
    if (status == GR_SUCCESS)
        status |= fractions_contract(tensors->mixed, tensors->metric, tensors->raised, d, d * d, 1, tensors->ring);
    if (status == GR_SUCCESS)
        status |= riemann_tensor(tensors);
    if (status == GR_SUCCESS)
        status |= ricci_tensor(tensors);

    return status;
}

/* d(d-1) R^{lkij} - S (g^{li} g^{kj} - g^{lj} g^{ki}) */
static int
curvature_defect(fractions_t res, tensors_t tensors)
{
    numerators_struct * ring = tensors->ring;
    slong d = tensors->d, place = 0;
    fractions_t squares;
    gr_ptr minor;
    int status;

    GR_TMP_INIT(minor, ring->ring);
    fractions_init(squares, res->length, ring);
    status = fractions_set_product_denominator(squares, tensors->cometric, tensors->cometric, ring);
    if (status == GR_SUCCESS)
        status |= fractions_set_product_denominator(squares, squares, tensors->scalar, ring);
    status |= gr_set(res->denominator, tensors->riemann->denominator, ring->ring);

    for (slong k = 1; k < d && status == GR_SUCCESS; k++)
        for (slong l = 0; l < k; l++)
            for (slong j = 1; j < d; j++)
                for (slong i = 0; i < j && status == GR_SUCCESS; i++)
                {
                    (void) riemann_place(&place, l, k, i, j);
                    status |= gr_zero(minor, ring->ring);
                    status |= numerators_add_product(minor, at2(tensors->cometric, l, i, tensors),
                        at2(tensors->cometric, k, j, tensors), 1, ring);
                    status |= numerators_add_product(minor, at2(tensors->cometric, l, j, tensors),
                        at2(tensors->cometric, k, i, tensors), -1, ring);
                    status |= gr_zero(fractions_numerator(squares, place, ring), ring->ring);
                    status |= numerators_add_product(fractions_numerator(squares, place, ring), minor,
                        fractions_numerator(tensors->scalar, 0, ring), 1, ring);
                    status |= gr_mul_ui(fractions_numerator(res, place, ring),
                        fractions_numerator(tensors->riemann, place, ring), (ulong) (d * (d - 1)), ring->ring);
                }

    if (status == GR_SUCCESS)
        status |= fractions_add(res, res, squares, -1, ring);

    fractions_clear(squares, ring);
    GR_TMP_CLEAR(minor, ring->ring);
    return status;
}

/* Whether the scalar curvature is constant. */
static int
constant_scalar(truth_t * answer, tensors_t tensors)
{
    fractions_t slopes;
    int status;

    fractions_init(slopes, tensors->d, tensors->ring);
    status = fractions_gradient(slopes, tensors->scalar, tensors->ring);
    *answer = (status == GR_SUCCESS) ? fractions_is_zero(slopes, tensors->ring) : T_UNKNOWN;
    fractions_clear(slopes, tensors->ring);
    return status;
}

int
tensors_constant_curvature(truth_t * answer, tensors_t tensors)
{
    fractions_t defect;
    int status = constant_scalar(answer, tensors);

    fractions_init(defect, tensors->riemann->length, tensors->ring);
    if (*answer == T_TRUE)
    {
        status |= curvature_defect(defect, tensors);
        *answer = (status == GR_SUCCESS) ? fractions_is_zero(defect, tensors->ring) : T_UNKNOWN;
    }

    fractions_clear(defect, tensors->ring);
    return status;
}

/* The part of 2 nabla^m R^{lkij} without derivatives: 2 Gamma^{l,m}_a R^{akij} and the same for k, i, j. */
static int
parallel_products(gr_ptr sum, slong m, slong l, slong k, slong i, slong j, tensors_t t)
{
    numerators_struct * ring = t->ring;
    int status = GR_SUCCESS;

    for (slong a = 0; a < t->d && status == GR_SUCCESS; a++)
    {
        const slong index[4] = {l, k, i, j};

        for (slong slot = 0; slot < 4; slot++)
        {
            slong moved[4] = {l, k, i, j}, place = 0;
            int sign;

            moved[slot] = a;
            sign = riemann_place(&place, moved[0], moved[1], moved[2], moved[3]);
            if (sign != 0)
                status |= numerators_add_product(sum, at3(t->mixed, index[slot], m, a, t),
                    fractions_numerator(t->riemann, place, ring), sign, ring);
        }
    }

    return status;
}

/* The terms of 2 nabla^m T with Christoffel symbols: products of `mixed` and T, [place][m]. */
typedef int (* connection_terms)(fractions_t products, tensors_t tensors);

/* 2 nabla^m T = 2 g^{ma} d_a T + ... for a tensor T of the given places [GEOMETRY-6] */
static int
is_parallel(truth_t * answer, fractions_t tensor, slong places, connection_terms add_terms, tensors_t tensors)
{
    numerators_struct * ring = tensors->ring;
    slong d = tensors->d;
    fractions_t gradient, slopes, products;
    int status;

    fractions_init(gradient, places * d, ring);
    fractions_init(slopes, places * d, ring);
    fractions_init(products, places * d, ring);

    status = fractions_gradient(gradient, tensor, ring);
    if (status == GR_SUCCESS)
        status |= fractions_contract(slopes, tensors->cometric, gradient, d, places, 1, ring);
    for (slong i = 0; i < places * d && status == GR_SUCCESS; i++)
        status |= gr_mul_ui(fractions_numerator(slopes, i, ring), fractions_numerator(slopes, i, ring), 2, ring->ring);
    if (status == GR_SUCCESS)
        status |= fractions_set_product_denominator(products, tensors->mixed, tensor, ring);
    if (status == GR_SUCCESS)
        status |= add_terms(products, tensors);
    if (status == GR_SUCCESS)
        status |= fractions_add(slopes, slopes, products, 1, ring);
    *answer = (status == GR_SUCCESS) ? fractions_is_zero(slopes, ring) : T_UNKNOWN;

    fractions_clear(gradient, ring);
    fractions_clear(slopes, ring);
    fractions_clear(products, ring);
    return status;
}

static int
riemann_terms(fractions_t products, tensors_t tensors)
{
    numerators_struct * ring = tensors->ring;
    slong d = tensors->d, place = 0;
    int status = GR_SUCCESS;

    for (slong k = 1; k < d && status == GR_SUCCESS; k++)
        for (slong l = 0; l < k; l++)
            for (slong j = 1; j < d; j++)
                for (slong i = 0; i < j; i++)
                {
                    if (pairs_of(j) + i > pairs_of(k) + l)
                        continue;

                    (void) riemann_place(&place, l, k, i, j);
                    for (slong m = 0; m < d && status == GR_SUCCESS; m++)
                        status |= parallel_products(fractions_numerator(products, place * d + m, ring), m, l, k, i, j, tensors);
                }

    return status;
}

/* 2 nabla^m Ric_{ij} = 2 g^{ma} d_a Ric_{ij} - 2 Gamma^{a,m}_i Ric_{aj} - 2 Gamma^{a,m}_j Ric_{ia} */
static int
ricci_terms(fractions_t products, tensors_t tensors)
{
    numerators_struct * ring = tensors->ring;
    slong d = tensors->d;
    int status = GR_SUCCESS;

    for (slong i = 0; i < d; i++)
        for (slong j = 0; j < d; j++)
            for (slong m = 0; m < d && status == GR_SUCCESS; m++)
            {
                gr_ptr product = at3(products, i, j, m, tensors);

                for (slong a = 0; a < d && status == GR_SUCCESS; a++)
                {
                    status |= numerators_add_product(product, at3(tensors->mixed, a, m, i, tensors), at2(tensors->ricci, a, j, tensors), -1, ring);
                    status |= numerators_add_product(product, at3(tensors->mixed, a, m, j, tensors), at2(tensors->ricci, i, a, tensors), -1, ring);
                }
            }

    return status;
}

/* The contractions of R first, which are fewer: where one of them is not parallel, R is not. */
int
tensors_parallel_curvature(truth_t * answer, tensors_t tensors)
{
    int status = constant_scalar(answer, tensors);

    if (status == GR_SUCCESS && *answer == T_TRUE)
        status |= is_parallel(answer, tensors->ricci, tensors->d * tensors->d, ricci_terms, tensors);
    if (status == GR_SUCCESS && *answer == T_TRUE)
        status |= is_parallel(answer, tensors->riemann, tensors->riemann->length, riemann_terms, tensors);

    return status;
}

int
tensors_get_riemann(gr_mat_t res, tensors_t tensors)
{
    slong d = tensors->d, place = 0;
    gr_ctx_struct * field = tensors->ring->field;
    int status = gr_mat_zero(res, field);

    for (slong i = 0; i < d * d * d * d && status == GR_SUCCESS; i++)
    {
        gr_ptr entry = gr_mat_entry_ptr(res, i / (d * d), i % (d * d), field);
        int sign = riemann_place(&place, i / (d * d * d), i / (d * d) % d, i / d % d, i % d);

        if (sign != 0)
            status |= fractions_get(entry, tensors->riemann, place, tensors->ring);
        if (sign < 0)
            status |= gr_neg(entry, entry, field);
    }

    return status;
}
