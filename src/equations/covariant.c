/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The covariant Burgers equation against the one in coordinates, coefficient by coefficient in v and its
    derivatives. [EQUATIONS-3]
*/

#include <caustic/equations.h>
#include "geometry/fractions.h"

/* What a geometry says, and what follows from it: each list over one denominator. */
typedef struct
{
    numerators_t ring;
    slong d;
    fractions_t cometric;
    fractions_t drift;
    fractions_t christoffel; /* [m][j][k]: Gamma^m_{jk} */
    fractions_t ricci;
    fractions_t weight;      /* lowered */
    fractions_t raised;      /* [m][i][k]: g^{ij} Gamma^m_{jk} */
    fractions_t trace;       /* [m]: g^{ij} Gamma^m_{ij} */
    fractions_t weight_up;   /* [j]: W^j */
}
covariant_struct;

typedef covariant_struct covariant_t[1];

static gr_ptr
at3(const fractions_t f, slong m, slong i, slong k, const covariant_t c)
{
    return fractions_numerator(f, (m * c->d + i) * c->d + k, c->ring);
}

static gr_ptr
at2(const fractions_t f, slong m, slong k, const covariant_t c)
{
    return fractions_numerator(f, m * c->d + k, c->ring);
}

static int
covariant_init(covariant_t c, const gr_mat_t cometric, const gr_mat_t drift, const caustic_geometry_struct * geometry)
{
    slong d = cometric->r;
    const gr_mat_struct ** given = flint_malloc((size_t) (d + 4) * sizeof(gr_mat_struct *));
    int status = GR_SUCCESS;

    given[0] = cometric;
    given[1] = drift;
    given[2] = geometry->ricci;
    given[3] = geometry->weight;
    for (slong k = 0; k < d; k++)
        given[4 + k] = geometry->christoffel[k];

    numerators_init(c->ring, geometry->ctx, d, given, d + 4);
    c->d = d;
    fractions_init(c->cometric, d * d, c->ring);
    fractions_init(c->drift, d, c->ring);
    fractions_init(c->christoffel, d * d * d, c->ring);
    fractions_init(c->ricci, d * d, c->ring);
    fractions_init(c->weight, d, c->ring);
    fractions_init(c->raised, d * d * d, c->ring);
    fractions_init(c->trace, d, c->ring);
    fractions_init(c->weight_up, d, c->ring);

    status |= fractions_set_matrix(c->cometric, 0, cometric, c->ring);
    status |= fractions_set_matrix(c->drift, 0, drift, c->ring);
    status |= fractions_set_matrix(c->ricci, 0, geometry->ricci, c->ring);
    status |= fractions_set_matrix(c->weight, 0, geometry->weight, c->ring);
    for (slong m = 0; m < d && status == GR_SUCCESS; m++)
        status |= fractions_set_matrix(c->christoffel, m * d * d, geometry->christoffel[m], c->ring);
    if (status == GR_SUCCESS)
        status |= fractions_contract(c->raised, c->cometric, c->christoffel, d, d, d, c->ring);
    if (status == GR_SUCCESS)
        status |= fractions_contract(c->weight_up, c->cometric, c->weight, d, 1, 1, c->ring);

    status |= gr_set(c->trace->denominator, c->raised->denominator, c->ring->ring);
    for (slong m = 0; m < d; m++)
        for (slong i = 0; i < d; i++)
            status |= gr_add(fractions_numerator(c->trace, m, c->ring), fractions_numerator(c->trace, m, c->ring),
                at3(c->raised, m, i, i, c), c->ring->ring);

    flint_free(given);
    return status;
}

static void
covariant_clear(covariant_t c)
{
    fractions_clear(c->cometric, c->ring);
    fractions_clear(c->drift, c->ring);
    fractions_clear(c->christoffel, c->ring);
    fractions_clear(c->ricci, c->ring);
    fractions_clear(c->weight, c->ring);
    fractions_clear(c->raised, c->ring);
    fractions_clear(c->trace, c->ring);
    fractions_clear(c->weight_up, c->ring);
    numerators_clear(c->ring);
}

/* d_k g^{im} + g^{ij} Gamma^m_{jk} + g^{mj} Gamma^i_{jk} = 0: the terms in v_i v_m, and those in v_im but for the
   ones in v_km. */
static truth_t
second_order_agrees(covariant_t c)
{
    slong d = c->d;
    fractions_t slopes, sums;
    truth_t agrees = T_UNKNOWN;
    int status;

    fractions_init(slopes, d * d * d, c->ring);
    fractions_init(sums, d * d * d, c->ring);
    status = fractions_gradient(slopes, c->cometric, c->ring);
    status |= gr_set(sums->denominator, c->raised->denominator, c->ring->ring);

    for (slong i = 0; i < d; i++)
        for (slong m = 0; m < d; m++)
            for (slong k = 0; k < d; k++)
                status |= gr_add(at3(sums, i, m, k, c), at3(c->raised, m, i, k, c), at3(c->raised, i, m, k, c), c->ring->ring);

    if (status == GR_SUCCESS)
        status |= fractions_add(sums, sums, slopes, 1, c->ring);
    if (status == GR_SUCCESS)
        agrees = fractions_is_zero(sums, c->ring);

    fractions_clear(slopes, c->ring);
    fractions_clear(sums, c->ring);
    return agrees;
}

/* W^m - g^{ij} Gamma^m_{ij} = b^m: the terms in v_km. */
static truth_t
drift_agrees(covariant_t c)
{
    fractions_t sums;
    truth_t agrees = T_UNKNOWN;
    int status;

    fractions_init(sums, c->d, c->ring);
    status = fractions_add(sums, c->weight_up, c->trace, -1, c->ring);
    if (status == GR_SUCCESS)
        status |= fractions_add(sums, sums, c->drift, -1, c->ring);
    if (status == GR_SUCCESS)
        agrees = fractions_is_zero(sums, c->ring);

    fractions_clear(sums, c->ring);
    return agrees;
}

static int
subtract(fractions_t sum, const fractions_t term, covariant_t c)
{
    return fractions_add(sum, sum, term, -1, c->ring);
}

/* [m][k]: g^{ij} (d_i Gamma^m_{jk} - Gamma^n_{ij} Gamma^m_{kn} - Gamma^n_{ik} Gamma^m_{nj}), subtracted from sum. The
   first is d_i (g^{ij} Gamma^m_{jk}) - (d_i g^{ij}) Gamma^m_{jk}. */
static int
subtract_laplacian(fractions_t sum, covariant_t c)
{
    slong d = c->d;
    fractions_t slopes, vector, squares, transports;
    int status;

    fractions_init(slopes, d * d, c->ring);
    fractions_init(vector, d, c->ring); /* d_i g^{in} + g^{ij} Gamma^n_{ij} */
    fractions_init(squares, d * d, c->ring);
    fractions_init(transports, d * d, c->ring);

    status = fractions_divergence(slopes, c->raised, d, d, c->ring);
    if (status == GR_SUCCESS)
        status |= fractions_divergence(vector, c->cometric, 1, d, c->ring);
    if (status == GR_SUCCESS)
        status |= fractions_add(vector, vector, c->trace, 1, c->ring);
    if (status == GR_SUCCESS)
        status |= fractions_reduce(vector, c->ring);
    if (status == GR_SUCCESS)
        status |= fractions_set_product_denominator(squares, c->raised, c->christoffel, c->ring);
    if (status == GR_SUCCESS)
        status |= fractions_set_product_denominator(transports, vector, c->christoffel, c->ring);

    for (slong m = 0; m < d; m++)
        for (slong k = 0; k < d; k++)
            for (slong n = 0; n < d && status == GR_SUCCESS; n++)
            {
                status |= numerators_add_product(at2(transports, m, k, c), fractions_numerator(vector, n, c->ring),
                    at3(c->christoffel, m, k, n, c), 1, c->ring);
                for (slong j = 0; j < d && status == GR_SUCCESS; j++)
                    status |= numerators_add_product(at2(squares, m, k, c), at3(c->raised, n, j, k, c),
                        at3(c->christoffel, m, n, j, c), 1, c->ring);
            }

    if (status == GR_SUCCESS)
        status |= fractions_reduce(squares, c->ring);
    if (status == GR_SUCCESS)
        status |= fractions_reduce(transports, c->ring);
    if (status == GR_SUCCESS)
        status |= subtract(sum, slopes, c);
    if (status == GR_SUCCESS)
        status |= fractions_add(sum, sum, transports, 1, c->ring);
    if (status == GR_SUCCESS)
        status |= fractions_add(sum, sum, squares, 1, c->ring);

    fractions_clear(slopes, c->ring);
    fractions_clear(vector, c->ring);
    fractions_clear(squares, c->ring);
    fractions_clear(transports, c->ring);
    return status;
}

/* [m][k]: g^{mj} (d_k W_j - Gamma^n_{kj} W_n) - W^j Gamma^m_{jk}, added to sum */
static int
add_weight(fractions_t sum, covariant_t c)
{
    slong d = c->d;
    fractions_t gradient, slopes, lowered, raised;
    int status;

    fractions_init(gradient, d * d, c->ring);
    fractions_init(slopes, d * d, c->ring);
    fractions_init(lowered, d * d, c->ring);
    fractions_init(raised, d * d, c->ring);

    status = fractions_gradient(gradient, c->weight, c->ring);
    if (status == GR_SUCCESS)
        status |= fractions_contract(slopes, c->cometric, gradient, d, 1, d, c->ring);
    if (status == GR_SUCCESS)
        status |= fractions_set_product_denominator(lowered, c->raised, c->weight, c->ring);
    if (status == GR_SUCCESS)
        status |= fractions_set_product_denominator(raised, c->christoffel, c->weight_up, c->ring);

    for (slong m = 0; m < d; m++)
        for (slong k = 0; k < d; k++)
            for (slong n = 0; n < d && status == GR_SUCCESS; n++)
            {
                status |= numerators_add_product(at2(lowered, m, k, c), at3(c->raised, n, m, k, c),
                    fractions_numerator(c->weight, n, c->ring), 1, c->ring);
                status |= numerators_add_product(at2(raised, m, k, c), at3(c->christoffel, m, n, k, c),
                    fractions_numerator(c->weight_up, n, c->ring), 1, c->ring);
            }

    if (status == GR_SUCCESS)
        status |= fractions_add(sum, sum, slopes, 1, c->ring);
    if (status == GR_SUCCESS)
        status |= subtract(sum, lowered, c);
    if (status == GR_SUCCESS)
        status |= subtract(sum, raised, c);

    fractions_clear(gradient, c->ring);
    fractions_clear(slopes, c->ring);
    fractions_clear(lowered, c->ring);
    fractions_clear(raised, c->ring);
    return status;
}

/* The terms in v_m, component k: of D^j D_j v_k, of W^j D_j v_k, of (D_k W_j) v^j and of -R_kj v^j, against d_k b^m. */
static truth_t
first_order_agrees(covariant_t c)
{
    slong d = c->d;
    fractions_t sum, term;
    truth_t agrees = T_UNKNOWN;
    int status;

    fractions_init(sum, d * d, c->ring);
    fractions_init(term, d * d, c->ring);

    status = subtract_laplacian(sum, c);
    if (status == GR_SUCCESS)
        status |= add_weight(sum, c);
    if (status == GR_SUCCESS)
        status |= fractions_contract(term, c->cometric, c->ricci, d, 1, d, c->ring);
    if (status == GR_SUCCESS)
        status |= subtract(sum, term, c);
    if (status == GR_SUCCESS)
        status |= fractions_gradient(term, c->drift, c->ring);
    if (status == GR_SUCCESS)
        status |= subtract(sum, term, c);
    if (status == GR_SUCCESS)
        agrees = fractions_is_zero(sum, c->ring);

    fractions_clear(sum, c->ring);
    fractions_clear(term, c->ring);
    return agrees;
}

caustic_verdict
caustic_equations_check_covariant(caustic_text_t detail, const gr_mat_t cometric, const gr_mat_t drift,
    const caustic_geometry_struct * geometry)
{
    static const char * const kind[3] = {"squares of v", "first derivatives of v", "v itself"};
    truth_t agrees[3] = {T_UNKNOWN, T_UNKNOWN, T_UNKNOWN};
    caustic_verdict verdict = CAUSTIC_UNDECIDED;
    covariant_t c;

    if (geometry->status != GR_SUCCESS)
    {
        caustic_text_printf(detail, "there is no geometry: %s", geometry->reason);
        return verdict;
    }

    if (covariant_init(c, cometric, drift, geometry) == GR_SUCCESS)
    {
        agrees[0] = second_order_agrees(c);
        agrees[1] = drift_agrees(c);
        agrees[2] = first_order_agrees(c);
    }

    if (agrees[0] == T_TRUE && agrees[1] == T_TRUE && agrees[2] == T_TRUE)
    {
        verdict = CAUSTIC_PROVED;
        caustic_text_append(detail, "equal to the coordinate form, coefficient by coefficient in v and its derivatives");
    }

    for (slong i = 0; i < 3 && verdict != CAUSTIC_PROVED; i++)
        if (agrees[i] == T_FALSE)
        {
            verdict = CAUSTIC_REFUTED;
            caustic_text_printf(detail, "the two forms differ in the terms with %s", kind[i]);
            break;
        }

    if (verdict == CAUSTIC_UNDECIDED)
        caustic_text_printf(detail, "whether the coefficients agree stayed open: %s",
            c->ring->reason != NULL ? c->ring->reason : "the exact field has no rule");

    covariant_clear(c);
    return verdict;
}
