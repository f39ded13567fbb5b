/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    spectral: polynomial initial data in a finite-dimensional space that L maps into itself.
    phi = exp(nu t L) p is exact linear algebra over Q and one matrix exponential [HEAT-10].
*/

#include <flint/acb_mat.h>
#include <flint/arb_mat.h>
#include <caustic/heat.h>

#define DIMENSION_LIMIT 64
#define TERMS_LIMIT 20000
#define PRODUCTS_LIMIT 20000000 /* of terms, in one multiplication */

/* Polynomials from expressions ***************************************************************/

typedef struct
{
    const caustic_pool * pool;
    fmpq_mpoly_ctx_struct * ring;
    const caustic_expr * coordinate;
    slong dimension;
}
language_struct;

static slong
coordinate_of(const language_struct * language, caustic_expr e)
{
    for (slong i = 0; i < language->dimension; i++)
        if (language->coordinate[i] == e)
            return i;
    return -1;
}

/* Whether a power has few terms, before it is computed: with l terms, at most binomial(l + e - 1, e). */
static int
is_small_power(const fmpq_mpoly_t base, ulong e, fmpq_mpoly_ctx_struct * ring)
{
    ulong l = (ulong) fmpq_mpoly_length(base, ring);
    fmpz_t terms;
    int small;

    fmpz_init(terms);
    fmpz_bin_uiui(terms, l + e - 1, FLINT_MIN(e, l == 0 ? 0 : l - 1));
    small = l <= 1 || fmpz_cmp_ui(terms, TERMS_LIMIT) <= 0;
    fmpz_clear(terms);
    return small;
}

/* One node whose children's polynomials are known. */
static int
read_node(fmpq_mpoly_t res, const language_struct * language, caustic_expr e, fmpq_mpoly_struct * const * known)
{
    const caustic_pool * pool = language->pool;
    fmpq_mpoly_ctx_struct * ring = language->ring;
    slong arity = caustic_expr_arity(pool, e);
    const fmpq * exponent;

    switch (caustic_expr_op(pool, e))
    {
        case CAUSTIC_OP_NUMBER:
            fmpq_mpoly_set_fmpq(res, caustic_expr_fmpq(pool, e), ring);
            return 1;
        case CAUSTIC_OP_SYMBOL:
            if (coordinate_of(language, e) < 0)
                return 0;
            fmpq_mpoly_gen(res, coordinate_of(language, e), ring);
            return 1;
        case CAUSTIC_OP_SUM:
            fmpq_mpoly_zero(res, ring);
            for (slong i = 0; i < arity; i++)
                fmpq_mpoly_add(res, res, known[caustic_expr_child(pool, e, i)], ring);
            return 1;
        case CAUSTIC_OP_PRODUCT:
            fmpq_mpoly_one(res, ring);
            for (slong i = 0; i < arity; i++)
            {
                const fmpq_mpoly_struct * factor = known[caustic_expr_child(pool, e, i)];

                /* Before it is computed, not after. */
                if (fmpq_mpoly_length(res, ring) * fmpq_mpoly_length(factor, ring) > PRODUCTS_LIMIT)
                    return 0;
                fmpq_mpoly_mul(res, res, factor, ring);
                if (fmpq_mpoly_length(res, ring) > TERMS_LIMIT)
                    return 0;
            }
            return 1;
        case CAUSTIC_OP_POWER:
            exponent = caustic_expr_fmpq(pool, e);
            return fmpz_is_one(fmpq_denref(exponent)) && fmpz_sgn(fmpq_numref(exponent)) > 0
                && fmpz_cmp_ui(fmpq_numref(exponent), 1000) < 0
                && is_small_power(known[caustic_expr_child(pool, e, 0)], fmpz_get_ui(fmpq_numref(exponent)), ring)
                && fmpq_mpoly_pow_ui(res, known[caustic_expr_child(pool, e, 0)], fmpz_get_ui(fmpq_numref(exponent)), ring)
                && fmpq_mpoly_length(res, ring) <= TERMS_LIMIT;
        default:
            return 0;
    }
}

/* Marks what e is made of. Children have smaller handles, so one pass downwards is enough. */
static char *
mark_nodes(const caustic_pool * pool, caustic_expr e)
{
    char * marks = flint_calloc((size_t) e + 1, 1);

    marks[e] = 1;
    for (caustic_expr node = e; node > 0; node--)
        for (slong i = 0; marks[node] && i < caustic_expr_arity(pool, node); i++)
            marks[caustic_expr_child(pool, node, i)] = 1;
    return marks;
}

/* Whether e is a polynomial in the coordinates with rational coefficients, by its form. */
static int
polynomial_of(fmpq_mpoly_t res, const language_struct * language, caustic_expr e)
{
    char * marks = mark_nodes(language->pool, e);
    fmpq_mpoly_struct ** known = flint_calloc((size_t) e + 1, sizeof(fmpq_mpoly_struct *));
    int answer = 1;

    for (caustic_expr node = 1; node <= e && answer; node++)
        if (marks[node])
        {
            known[node] = flint_malloc(sizeof(fmpq_mpoly_struct));
            fmpq_mpoly_init(known[node], language->ring);
            answer = read_node(known[node], language, node, known);
        }

    if (answer)
        fmpq_mpoly_set(res, known[e], language->ring);

    for (caustic_expr node = 1; node <= e; node++)
        if (known[node] != NULL)
        {
            fmpq_mpoly_clear(known[node], language->ring);
            flint_free(known[node]);
        }
    flint_free(known);
    flint_free(marks);
    return answer;
}

/* The invariant space ************************************************************************/

typedef struct
{
    fmpq_mpoly_struct * cometric; /* d x d */
    fmpq_mpoly_struct * drift;    /* d */
}
operator_struct;

/* L q = g^{ij} q_ij + b^i q_i */
static void
apply(fmpq_mpoly_t res, const caustic_spectral_t spectral, const operator_struct * operator, const fmpq_mpoly_t q)
{
    fmpq_mpoly_ctx_struct * ring = (fmpq_mpoly_ctx_struct *) spectral->ring;
    slong d = spectral->dimension;
    fmpq_mpoly_t first, second, term;

    fmpq_mpoly_init(first, ring);
    fmpq_mpoly_init(second, ring);
    fmpq_mpoly_init(term, ring);
    fmpq_mpoly_zero(res, ring);

    for (slong i = 0; i < d; i++)
    {
        fmpq_mpoly_derivative(first, q, i, ring);
        fmpq_mpoly_mul(term, operator->drift + i, first, ring);
        fmpq_mpoly_add(res, res, term, ring);

        for (slong j = 0; j < d; j++)
        {
            fmpq_mpoly_derivative(second, first, j, ring);
            fmpq_mpoly_mul(term, operator->cometric + i * d + j, second, ring);
            fmpq_mpoly_add(res, res, term, ring);
        }
    }

    fmpq_mpoly_clear(first, ring);
    fmpq_mpoly_clear(second, ring);
    fmpq_mpoly_clear(term, ring);
}

/* Rows in echelon form: each a combination of the basis, none with another's leading monomial. */
typedef struct
{
    fmpq_mpoly_struct row[DIMENSION_LIMIT + 1];
    fmpq_mat_t combination; /* row i is sum_k combination(i, k) q_k */
    slong length;
}
echelon_struct;

/* Subtracts from q, and from its combination (row `at`), what the rows can take away. */
static void
reduce(fmpq_mpoly_t q, echelon_struct * echelon, slong at, fmpq_mpoly_ctx_struct * ring)
{
    fmpq_t factor;
    fmpq_mpoly_t monomial;

    fmpq_init(factor);
    fmpq_mpoly_init(monomial, ring);

    for (slong i = 0; i < echelon->length; i++)
    {
        fmpq_mpoly_get_term_monomial(monomial, echelon->row + i, 0, ring);
        fmpq_mpoly_get_coeff_fmpq_monomial(factor, q, monomial, ring);
        if (fmpq_is_zero(factor))
            continue;

        fmpq_neg(factor, factor);
        fmpq_mpoly_scalar_mul_fmpq(monomial, echelon->row + i, factor, ring);
        fmpq_mpoly_add(q, q, monomial, ring);
        for (slong k = 0; k < fmpq_mat_ncols(echelon->combination); k++)
            fmpq_addmul(fmpq_mat_entry(echelon->combination, at, k), factor,
                fmpq_mat_entry(echelon->combination, i, k));
    }

    fmpq_clear(factor);
    fmpq_mpoly_clear(monomial, ring);
}

/* A new row with leading coefficient 1. Earlier rows keep their own leading monomials: a later row was
   reduced by them, so it is enough to reduce in order. */
static void
add_row(echelon_struct * echelon, const fmpq_mpoly_t q, fmpq_mpoly_ctx_struct * ring)
{
    slong at = echelon->length;
    fmpq_t factor;

    fmpq_init(factor);
    fmpq_mpoly_init(echelon->row + at, ring);
    fmpq_mpoly_get_term_coeff_fmpq(factor, q, 0, ring);
    fmpq_inv(factor, factor);
    fmpq_mpoly_scalar_mul_fmpq(echelon->row + at, q, factor, ring);
    for (slong k = 0; k < fmpq_mat_ncols(echelon->combination); k++)
        fmpq_mul(fmpq_mat_entry(echelon->combination, at, k), fmpq_mat_entry(echelon->combination, at, k), factor);
    echelon->length++;
    fmpq_clear(factor);
}

/* The least k >= 0 with |c_j| <= 2^(k (m - j)) for the last column c: the eigenvalues are at most 2^(k + 1) in size. */
static slong
scale_of(const fmpq_mat_t matrix)
{
    slong m = fmpq_mat_nrows(matrix), k = 0;

    for (slong j = 0; j < m; j++)
    {
        const fmpq * c = fmpq_mat_entry(matrix, j, m - 1);
        slong bits = (slong) fmpz_bits(fmpq_numref(c)) - (slong) fmpz_bits(fmpq_denref(c)) + 1;

        if (!fmpq_is_zero(c) && bits > k * (m - j))
            k = (bits + m - j - 1) / (m - j);
    }
    return k;
}

/* q_k becomes 2^(-sk) q_k, so that no entry of C is larger than 2^s: the powers of L grow like those of its largest
   eigenvalue, and the exponential of so unequal entries would be slow and lose all digits. */
static void
balance(caustic_spectral_t spectral)
{
    slong m = spectral->length, s = scale_of(spectral->matrix);
    fmpq_t factor;

    fmpq_init(factor);
    for (slong k = 0; k < m; k++)
    {
        fmpq_one(factor);
        fmpq_div_2exp(factor, factor, (flint_bitcnt_t) (s * k));
        fmpq_mpoly_scalar_mul_fmpq(spectral->basis + k, spectral->basis + k, factor, spectral->ring);
        if (k + 1 < m)
            fmpq_mul_2exp(fmpq_mat_entry(spectral->matrix, k + 1, k), fmpq_mat_entry(spectral->matrix, k + 1, k), (flint_bitcnt_t) s);
        fmpq_div_2exp(fmpq_mat_entry(spectral->matrix, k, m - 1), fmpq_mat_entry(spectral->matrix, k, m - 1),
            (flint_bitcnt_t) (s * (m - 1 - k)));
    }
    fmpq_clear(factor);
}

/* q_0 = p, q_(k+1) = L q_k until L q_(m-1) is a combination of q_0 .. q_(m-1). 1 if that comes about. */
static int
find_space(caustic_spectral_t spectral, const operator_struct * operator, const fmpq_mpoly_t p)
{
    fmpq_mpoly_ctx_struct * ring = spectral->ring;
    echelon_struct echelon;
    fmpq_mpoly_t next, rest;
    int closed = 0, small = 1;

    echelon.length = 0;
    fmpq_mat_init(echelon.combination, DIMENSION_LIMIT + 1, DIMENSION_LIMIT + 1);
    fmpq_mpoly_init(next, ring);
    fmpq_mpoly_init(rest, ring);
    fmpq_mpoly_set(next, p, ring);
    spectral->basis = flint_malloc(DIMENSION_LIMIT * sizeof(fmpq_mpoly_struct));

    while (!closed && small)
    {
        slong k = spectral->length;

        fmpq_mpoly_set(rest, next, ring);
        fmpq_one(fmpq_mat_entry(echelon.combination, k, k));
        reduce(rest, &echelon, k, ring);
        closed = fmpq_mpoly_is_zero(rest, ring);

        if (closed)
        {
            /* 0 = q_k + sum_(j<k) combination(k, j) q_j */
            fmpq_mat_init(spectral->matrix, k, k);
            for (slong j = 0; j < k; j++)
            {
                if (j + 1 < k)
                    fmpq_one(fmpq_mat_entry(spectral->matrix, j + 1, j));
                fmpq_neg(fmpq_mat_entry(spectral->matrix, j, k - 1), fmpq_mat_entry(echelon.combination, k, j));
            }
            break;
        }

        small = k < DIMENSION_LIMIT && fmpq_mpoly_length(next, ring) <= TERMS_LIMIT;
        if (small)
        {
            add_row(&echelon, rest, ring);
            fmpq_mpoly_init(spectral->basis + k, ring);
            fmpq_mpoly_set(spectral->basis + k, next, ring);
            spectral->length++;
            apply(next, spectral, operator, spectral->basis + k);
        }
    }

    for (slong i = 0; i < echelon.length; i++)
        fmpq_mpoly_clear(echelon.row + i, ring);
    fmpq_mat_clear(echelon.combination);
    fmpq_mpoly_clear(next, ring);
    fmpq_mpoly_clear(rest, ring);
    return closed;
}

static void
clear_polynomials(fmpq_mpoly_struct * list, slong length, fmpq_mpoly_ctx_struct * ring)
{
    for (slong i = 0; i < length; i++)
        fmpq_mpoly_clear(list + i, ring);
    flint_free(list);
}

static int
read_list(fmpq_mpoly_struct * list, const language_struct * language, const caustic_expr * e, slong length)
{
    int answer = 1;

    for (slong i = 0; i < length; i++)
    {
        fmpq_mpoly_init(list + i, language->ring);
        answer = answer && polynomial_of(list + i, language, e[i]);
    }
    return answer;
}

caustic_result
caustic_spectral_init(caustic_spectral_t spectral, caustic_text_t why, const caustic_pool * pool,
    const caustic_expr * coordinate, slong dimension, const caustic_expr * cometric, const caustic_expr * drift,
    caustic_expr density)
{
    size_t d = (size_t) dimension;
    language_struct language = {pool, spectral->ring, coordinate, dimension};
    operator_struct operator;
    fmpq_mpoly_t p;
    caustic_result result = CAUSTIC_UNSUPPORTED;

    fmpq_mpoly_ctx_init(spectral->ring, dimension, ORD_DEGREVLEX);
    spectral->dimension = dimension;
    spectral->length = 0;
    spectral->basis = NULL;
    spectral->closed = 0;
    operator.cometric = flint_malloc(d * d * sizeof(fmpq_mpoly_struct));
    operator.drift = flint_malloc(d * sizeof(fmpq_mpoly_struct));
    fmpq_mpoly_init(p, spectral->ring);

    if (!read_list(operator.cometric, &language, cometric, dimension * dimension)
        | !read_list(operator.drift, &language, drift, dimension))
        caustic_text_append(why, "the operator L does not have polynomial coefficients");
    else if (!polynomial_of(p, &language, density))
        caustic_text_append(why, "exp(-loss/(2 nu)) is not a polynomial with rational coefficients, or has too many terms");
    else if (fmpq_mpoly_is_zero(p, spectral->ring))
        caustic_text_append(why, "exp(-loss/(2 nu)) is 0");
    else if (!find_space(spectral, &operator, p))
        caustic_text_printf(why, "no space of dimension up to %d with up to %d terms that L maps into itself was found",
            DIMENSION_LIMIT, TERMS_LIMIT);
    else
    {
        balance(spectral);
        spectral->closed = 1;
        result = CAUSTIC_OK;
    }

    clear_polynomials(operator.cometric, dimension * dimension, spectral->ring);
    clear_polynomials(operator.drift, dimension, spectral->ring);
    fmpq_mpoly_clear(p, spectral->ring);
    return result;
}

void
caustic_spectral_clear(caustic_spectral_t spectral)
{
    if (spectral->closed)
        fmpq_mat_clear(spectral->matrix);
    clear_polynomials(spectral->basis, spectral->length, spectral->ring);
    fmpq_mpoly_ctx_clear(spectral->ring);
}

/* Time ***************************************************************************************/

void
caustic_spectral_amplitudes(arb_ptr res, const caustic_spectral_t spectral, const arb_t time, slong prec)
{
    slong m = spectral->length;
    arb_mat_t matrix;

    arb_mat_init(matrix, m, m);
    arb_mat_set_fmpq_mat(matrix, spectral->matrix, prec);
    arb_mat_scalar_mul_arb(matrix, matrix, time, prec);
    arb_mat_exp(matrix, matrix, prec);
    for (slong k = 0; k < m; k++)
        arb_set(res + k, arb_mat_entry(matrix, k, 0));
    arb_mat_clear(matrix);
}

/* The first column of exp(tau C) for complex tau. */
static void
amplitudes_acb(acb_ptr res, const caustic_spectral_t spectral, const acb_t time, slong prec)
{
    slong m = spectral->length;
    arb_mat_t real;
    acb_mat_t matrix;

    arb_mat_init(real, m, m);
    acb_mat_init(matrix, m, m);
    arb_mat_set_fmpq_mat(real, spectral->matrix, prec);
    acb_mat_set_arb_mat(matrix, real);
    acb_mat_scalar_mul_acb(matrix, matrix, time, prec);
    acb_mat_exp(matrix, matrix, prec);
    for (slong k = 0; k < m; k++)
        acb_set(res + k, acb_mat_entry(matrix, k, 0));
    arb_mat_clear(real);
    acb_mat_clear(matrix);
}

/* Upper bounds of |(exp(tau C) e_0)_k| for |tau| <= radius: the entries of exp(radius |C|). */
static void
bound_amplitudes(arb_ptr res, const caustic_spectral_t spectral, const arb_t radius, slong prec)
{
    slong m = spectral->length;
    arb_mat_t matrix;

    arb_mat_init(matrix, m, m);
    arb_mat_set_fmpq_mat(matrix, spectral->matrix, prec);
    for (slong i = 0; i < m; i++)
        for (slong j = 0; j < m; j++)
            arb_abs(arb_mat_entry(matrix, i, j), arb_mat_entry(matrix, i, j));
    arb_mat_scalar_mul_arb(matrix, matrix, radius, prec);
    arb_mat_exp(matrix, matrix, prec);
    for (slong k = 0; k < m; k++)
        arb_set(res + k, arb_mat_entry(matrix, k, 0));
    arb_mat_clear(matrix);
}

/* R, a power of two up to 1/|C|, so that M is not much larger than the values: where |C| is large a circle of radius 1
   would leave no digits. Any R > 0 is right. */
static void
choose_radius(arb_t res, const caustic_spectral_t spectral, slong prec)
{
    slong m = spectral->length, k;
    arb_mat_t matrix;
    arb_t norm;
    arf_t end;

    arb_init(norm);
    arf_init(end);
    arb_mat_init(matrix, m, m);
    arb_mat_set_fmpq_mat(matrix, spectral->matrix, prec);
    arb_mat_frobenius_norm(norm, matrix, prec);
    arb_get_ubound_arf(end, norm, prec);
    k = arf_is_finite(end) && !arf_is_zero(end) ? arf_abs_bound_lt_2exp_si(end) : 0;
    k = FLINT_MIN(FLINT_MAX(k, 0), prec / 4);
    arb_one(res);
    arb_mul_2exp_si(res, res, -k);
    arb_mat_clear(matrix);
    arf_clear(end);
    arb_clear(norm);
}

/* Cauchy's formula by the trapezoid sum on a circle of radius r, N points:
   | sum - a'(tau) | <= (M/R) q^N/(1 - q^N), q = r/R, M = sup |a| on |. - tau| <= R [HEAT-11]. */
void
caustic_spectral_slopes(arb_ptr res, const caustic_spectral_t spectral, const arb_t time, slong prec)
{
    slong m = spectral->length, points = prec / 3 + 8;
    acb_ptr values = _acb_vec_init(m), sums = _acb_vec_init(m);
    arb_ptr bounds = _arb_vec_init(m);
    acb_t root, place;
    arb_t radius, large, ratio;

    acb_init(root);
    acb_init(place);
    arb_init(radius);
    arb_init(large);
    arb_init(ratio);

    choose_radius(large, spectral, prec);
    arb_mul_2exp_si(radius, large, -3);

    for (slong j = 0; j < points; j++)
    {
        acb_unit_root(root, (ulong) points, prec);
        acb_pow_ui(root, root, (ulong) j, prec);
        acb_mul_arb(place, root, radius, prec);
        arb_add(acb_realref(place), acb_realref(place), time, prec);
        amplitudes_acb(values, spectral, place, prec);
        acb_conj(root, root);
        for (slong k = 0; k < m; k++)
            acb_addmul(sums + k, values + k, root, prec);
    }

    arb_abs(ratio, time);
    arb_add(large, large, ratio, prec);
    bound_amplitudes(bounds, spectral, large, prec);
    arb_one(ratio);
    arb_mul_2exp_si(ratio, ratio, -3); /* q = r/R */
    arb_pow_ui(ratio, ratio, (ulong) points, prec);
    arb_sub_ui(large, ratio, 1, prec);
    arb_neg(large, large);
    arb_div(ratio, ratio, large, prec);

    for (slong k = 0; k < m; k++)
    {
        /* (M/R) q^N/(1 - q^N), R = 8 r */
        arb_mul(bounds + k, bounds + k, ratio, prec);
        arb_div(bounds + k, bounds + k, radius, prec);
        arb_mul_2exp_si(bounds + k, bounds + k, -3);
        arb_div_ui(res + k, acb_realref(sums + k), (ulong) points, prec);
        arb_div(res + k, res + k, radius, prec);
        arb_add_error(res + k, bounds + k);
    }

    acb_clear(root);
    acb_clear(place);
    arb_clear(radius);
    arb_clear(large);
    arb_clear(ratio);
    _acb_vec_clear(values, m);
    _acb_vec_clear(sums, m);
    _arb_vec_clear(bounds, m);
}

/* Space **************************************************************************************/

/* The polynomial at a point, term by term. */
static void
evaluate(arb_t res, const fmpq_mpoly_t q, arb_srcptr z, const fmpq_mpoly_ctx_t ring, slong prec)
{
    slong d = fmpq_mpoly_ctx_nvars(ring);
    ulong * exponents = flint_malloc((size_t) d * sizeof(ulong));
    arb_t term, power;
    fmpq_t coefficient;

    arb_init(term);
    arb_init(power);
    fmpq_init(coefficient);
    arb_zero(res);

    for (slong i = 0; i < fmpq_mpoly_length(q, ring); i++)
    {
        fmpq_mpoly_get_term_coeff_fmpq(coefficient, q, i, ring);
        fmpq_mpoly_get_term_exp_ui(exponents, q, i, ring);
        arb_set_fmpq(term, coefficient, prec);
        for (slong k = 0; k < d; k++)
        {
            arb_pow_ui(power, z + k, exponents[k], prec);
            arb_mul(term, term, power, prec);
        }
        arb_add(res, res, term, prec);
    }

    arb_clear(term);
    arb_clear(power);
    fmpq_clear(coefficient);
    flint_free(exponents);
}

void
caustic_spectral_evaluate(arb_t res, const caustic_spectral_t spectral, arb_srcptr amplitudes, const slong * indices,
    slong length, arb_srcptr z, slong prec)
{
    fmpq_mpoly_t q;
    arb_t value;

    fmpq_mpoly_init(q, spectral->ring);
    arb_init(value);
    arb_zero(res);

    for (slong k = 0; k < spectral->length; k++)
    {
        fmpq_mpoly_set(q, spectral->basis + k, spectral->ring);
        for (slong i = 0; i < length; i++)
            fmpq_mpoly_derivative(q, q, indices[i], spectral->ring);
        evaluate(value, q, z, spectral->ring, prec);
        arb_addmul(res, amplitudes + k, value, prec);
    }

    fmpq_mpoly_clear(q, spectral->ring);
    arb_clear(value);
}
