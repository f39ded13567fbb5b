/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Elements: memory, levels, and arithmetic modulo the relations of the algebraic generators.
*/

#include <flint/mpoly.h>
#include "field_internal.h"

/* Levels *************************************************************************************/

/* The generator that stands for this one at the newest level, and the power of it that this one is:
   a root or exponential is superseded by a finer one of the same atom. */
static slong standing_generator(ulong * power, slong index, const caustic_field * field)
{
    const field_generator * g = field->generators + index;
    slong finest;
    *power = 1;
    if (g->kind != FIELD_POWER || field->atoms[g->atom].generator == index || field->atoms[g->atom].generator < 0)
    {
        return index;
    }
    finest = field->atoms[g->atom].generator;
    {
        fmpq_t ratio;
        fmpq_init(ratio);
        fmpq_div(ratio, g->unit, field->atoms[g->atom].unit);
        *power = fmpz_get_ui(fmpq_numref(ratio));
        fmpq_clear(ratio);
    }
    return finest;
}

/* Different monomials stay different: of all generators of one atom a level has one in use. */
static void lift_polynomial(fmpz_mpoly_t res, const fmpz_mpoly_t p, slong level, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    slong variables = FLINT_MIN(fmpz_mpoly_ctx_nvars(field->levels[level]), field_variables(field));
    slong terms = fmpz_mpoly_length(p, field->levels[level]), i, v;
    slong * target = flint_malloc(sizeof(slong) * FLINT_MAX(variables, 1));
    ulong * power = flint_malloc(sizeof(ulong) * FLINT_MAX(variables, 1));
    ulong * old = flint_malloc(sizeof(ulong) * FLINT_MAX(fmpz_mpoly_ctx_nvars(field->levels[level]), 1));
    ulong * exponents = flint_malloc(sizeof(ulong) * FLINT_MAX(fmpz_mpoly_ctx_nvars(mctx), 1));
    fmpz_t c;
    fmpz_init(c);
    for (v = 0; v < variables; v++)
    {
        target[v] = v;
        power[v] = 1;
        if (v >= field->symbols_length)
        {
            target[v] = field->symbols_length + standing_generator(power + v, v - field->symbols_length, field);
        }
    }
    fmpz_mpoly_zero(res, mctx);
    for (i = 0; i < terms; i++)
    {
        fmpz_mpoly_get_term_exp_ui(old, p, i, field->levels[level]);
        fmpz_mpoly_get_term_coeff_fmpz(c, p, i, field->levels[level]);
        for (v = 0; v < fmpz_mpoly_ctx_nvars(mctx); v++)
        {
            exponents[v] = 0;
        }
        for (v = 0; v < variables; v++)
        {
            exponents[target[v]] += old[v] * power[v];
        }
        fmpz_mpoly_push_term_fmpz_ui(res, c, exponents, mctx);
    }
    fmpz_mpoly_sort_terms(res, mctx);
    fmpz_clear(c);
    flint_free(target);
    flint_free(power);
    flint_free(old);
    flint_free(exponents);
}

/* Stays in lowest terms and reduced [FIELD-8]; only the leading term may be another one. */
static void lift(fmpz_mpoly_q_t res, const field_element_struct * x, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    lift_polynomial(fmpz_mpoly_q_numref(res), fmpz_mpoly_q_numref(x->value), x->level, field);
    lift_polynomial(fmpz_mpoly_q_denref(res), fmpz_mpoly_q_denref(x->value), x->level, field);
    if (fmpz_sgn(fmpz_mpoly_q_denref(res)->coeffs) < 0)
    {
        fmpz_mpoly_neg(fmpz_mpoly_q_numref(res), fmpz_mpoly_q_numref(res), mctx);
        fmpz_mpoly_neg(fmpz_mpoly_q_denref(res), fmpz_mpoly_q_denref(res), mctx);
    }
}

void field_operand_open(field_operand_t operand, const field_element_struct * x, const caustic_field * field)
{
    operand->owned = x->level != field_level(field);
    if (operand->owned)
    {
        fmpz_mpoly_q_init(operand->storage, field_mctx(field));
        lift(operand->storage, x, field);
        operand->q = operand->storage;
    }
    else
    {
        operand->q = x->value;
    }
}

void field_operand_close(field_operand_t operand, const caustic_field * field)
{
    if (operand->owned)
    {
        fmpz_mpoly_q_clear(operand->storage, field_mctx(field));
    }
}

void field_element_store(field_element_struct * res, fmpz_mpoly_q_t q, const caustic_field * field)
{
    if (res->level != field_level(field))
    {
        fmpz_mpoly_q_clear(res->value, field->levels[res->level]);
        fmpz_mpoly_q_init(res->value, field_mctx(field));
        res->level = field_level(field);
    }
    fmpz_mpoly_q_swap(res->value, q, field_mctx(field));
}

void field_element_init(field_element_struct * x, const caustic_field * field)
{
    x->level = field_level(field);
    fmpz_mpoly_q_init(x->value, field_mctx(field));
}

void field_element_clear(field_element_struct * x, const caustic_field * field)
{
    fmpz_mpoly_q_clear(x->value, field->levels[x->level]);
}

void field_element_set(field_element_struct * res, const field_element_struct * x, const caustic_field * field)
{
    if (res == x)
    {
        return;
    }
    if (res->level != x->level)
    {
        fmpz_mpoly_q_clear(res->value, field->levels[res->level]);
        fmpz_mpoly_q_init(res->value, field->levels[x->level]);
        res->level = x->level;
    }
    fmpz_mpoly_q_set(res->value, x->value, field->levels[x->level]);
}

void field_element_lift(field_element_struct * x, const caustic_field * field)
{
    field_operand_t a;
    field_operand_open(a, x, field);
    if (a->owned)
    {
        field_element_store(x, a->storage, field);
    }
    field_operand_close(a, field);
}

void field_element_set_variable(field_element_struct * res, slong variable, const caustic_field * field)
{
    fmpz_mpoly_q_t t;
    ulong power = 1;
    if (variable >= field->symbols_length)
    {
        variable = field->symbols_length + standing_generator(&power, variable - field->symbols_length, field);
    }
    fmpz_mpoly_q_init(t, field_mctx(field));
    fmpz_mpoly_gen(fmpz_mpoly_q_numref(t), variable, field_mctx(field));
    (void) fmpz_mpoly_pow_ui(fmpz_mpoly_q_numref(t), fmpz_mpoly_q_numref(t), power, field_mctx(field));
    field_element_store(res, t, field);
    fmpz_mpoly_q_clear(t, field_mctx(field));
}

void field_element_set_polynomials(field_element_struct * res, const fmpz_mpoly_t num,
    const fmpz_mpoly_t den, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    fmpz_mpoly_q_t t;
    fmpz_mpoly_q_init(t, mctx);
    fmpz_mpoly_set(fmpz_mpoly_q_numref(t), num, mctx);
    if (den != NULL)
    {
        fmpz_mpoly_set(fmpz_mpoly_q_denref(t), den, mctx);
        fmpz_mpoly_q_canonicalise(t, mctx);
    }
    field_element_store(res, t, field);
    fmpz_mpoly_q_clear(t, mctx);
}

int field_element_same(const field_element_struct * x, const field_element_struct * y, const caustic_field * field)
{
    field_operand_t a, b;
    int same;
    field_operand_open(a, x, field);
    field_operand_open(b, y, field);
    same = fmpz_mpoly_q_equal(a->q, b->q, field_mctx(field));
    field_operand_close(a, field);
    field_operand_close(b, field);
    return same;
}

int field_element_is_constant(const field_element_struct * x, const caustic_field * field)
{
    return fmpz_mpoly_q_is_fmpq(x->value, field->levels[x->level]);
}

void field_set_fmpq(field_element_struct * res, const fmpq_t c, const caustic_field * field)
{
    fmpz_mpoly_q_t t;
    fmpz_mpoly_q_init(t, field_mctx(field));
    fmpz_mpoly_q_set_fmpq(t, c, field_mctx(field));
    field_element_store(res, t, field);
    fmpz_mpoly_q_clear(t, field_mctx(field));
}

/* Relations **********************************************************************************/

void field_split(fmpz_mpoly_struct * res, slong length, const fmpz_mpoly_t p, slong variable,
    const fmpz_mpoly_ctx_t mctx)
{
    slong terms = fmpz_mpoly_length(p, mctx), i, k;
    ulong * exponents = flint_malloc(sizeof(ulong) * FLINT_MAX(fmpz_mpoly_ctx_nvars(mctx), 1));
    fmpz_t c;
    fmpz_init(c);
    for (k = 0; k < length; k++)
    {
        fmpz_mpoly_zero(res + k, mctx);
    }
    for (i = 0; i < terms; i++)
    {
        fmpz_mpoly_get_term_exp_ui(exponents, p, i, mctx);
        fmpz_mpoly_get_term_coeff_fmpz(c, p, i, mctx);
        k = (slong) exponents[variable];
        exponents[variable] = 0;
        fmpz_mpoly_push_term_fmpz_ui(res + k, c, exponents, mctx);
    }
    for (k = 0; k < length; k++)
    {
        fmpz_mpoly_sort_terms(res + k, mctx);
    }
    fmpz_clear(c);
    flint_free(exponents);
}

static fmpz_mpoly_struct * polynomials_new(slong length, const fmpz_mpoly_ctx_t mctx)
{
    slong i;
    fmpz_mpoly_struct * p = flint_malloc(sizeof(fmpz_mpoly_struct) * FLINT_MAX(length, 1));
    for (i = 0; i < length; i++)
    {
        fmpz_mpoly_init(p + i, mctx);
    }
    return p;
}

static void polynomials_free(fmpz_mpoly_struct * p, slong length, const fmpz_mpoly_ctx_t mctx)
{
    slong i;
    for (i = 0; i < length; i++)
    {
        fmpz_mpoly_clear(p + i, mctx);
    }
    flint_free(p);
}

/* The algebraic generator v with v^n = N/D, at the newest level. */
typedef struct
{
    slong variable;
    slong degree;
    field_operand_t relation;
}
relation_struct;

typedef relation_struct relation_t[1];

static const fmpz_mpoly_struct * relation_num(const relation_t r)
{
    return fmpz_mpoly_q_numref(r->relation->q);
}

static const fmpz_mpoly_struct * relation_den(const relation_t r)
{
    return fmpz_mpoly_q_denref(r->relation->q);
}

/* Replaces p by D^e p with powers of v below n, where e >= 0 is returned: with p = sum_q v^(nq) P_q,
   deg_v P_q < n, it is sum_q N^q D^(e-q) P_q for e the largest q. */
static slong fold(fmpz_mpoly_t p, const relation_t r, const fmpz_mpoly_ctx_t mctx)
{
    slong degree = fmpz_mpoly_degree_si(p, r->variable, mctx);
    slong top = degree / r->degree, k, q;
    fmpz_mpoly_struct * coefficient;
    fmpz_mpoly_t part, power, v, t;
    if (degree < r->degree)
    {
        return 0;
    }
    coefficient = polynomials_new(degree + 1, mctx);
    fmpz_mpoly_init(part, mctx);
    fmpz_mpoly_init(power, mctx);
    fmpz_mpoly_init(v, mctx);
    fmpz_mpoly_init(t, mctx);
    field_split(coefficient, degree + 1, p, r->variable, mctx);
    fmpz_mpoly_one(power, mctx);
    fmpz_mpoly_zero(p, mctx);
    /* Horner in N, the powers of D growing on the way */
    for (q = top; q >= 0; q--)
    {
        fmpz_mpoly_zero(part, mctx);
        for (k = FLINT_MIN(degree, q * r->degree + r->degree - 1); k >= q * r->degree; k--)
        {
            fmpz_mpoly_gen(v, r->variable, mctx);
            (void) fmpz_mpoly_pow_ui(v, v, (ulong) (k - q * r->degree), mctx);
            fmpz_mpoly_mul(t, coefficient + k, v, mctx);
            fmpz_mpoly_add(part, part, t, mctx);
        }
        fmpz_mpoly_mul(p, p, relation_num(r), mctx);
        fmpz_mpoly_mul(part, part, power, mctx);
        fmpz_mpoly_add(p, p, part, mctx);
        fmpz_mpoly_mul(power, power, relation_den(r), mctx);
    }
    polynomials_free(coefficient, degree + 1, mctx);
    fmpz_mpoly_clear(part, mctx);
    fmpz_mpoly_clear(power, mctx);
    fmpz_mpoly_clear(v, mctx);
    fmpz_mpoly_clear(t, mctx);
    return top;
}

/* Multiplies p by D^e. */
static void multiply_relation_den(fmpz_mpoly_t p, const relation_t r, slong e, const fmpz_mpoly_ctx_t mctx)
{
    while (e-- > 0)
    {
        fmpz_mpoly_mul(p, p, relation_den(r), mctx);
    }
}

/* cofactor and norm, free of v, with cofactor * p = norm modulo the relation, for a p that is
   reduced. General degree: the first column of the adjugate of "multiply by p". [FIELD-3] */
static int cofactor_by_adjugate(fmpz_mpoly_t cofactor, fmpz_mpoly_t norm, const fmpz_mpoly_t p,
    const relation_t r, const fmpz_mpoly_ctx_t mctx)
{
    slong n = r->degree, i, j;
    int status = GR_SUCCESS;
    gr_ctx_t polynomials;
    gr_mat_t matrix, adjugate;
    fmpz_mpoly_struct * column = polynomials_new(n, mctx);
    slong * extra = flint_malloc(sizeof(slong) * n);
    fmpz_mpoly_t t, v;

    gr_ctx_init_fmpz_mpoly(polynomials, fmpz_mpoly_ctx_nvars(mctx), fmpz_mpoly_ctx_ord(mctx));
    gr_mat_init(matrix, n, n, polynomials);
    gr_mat_init(adjugate, n, n, polynomials);
    fmpz_mpoly_init(t, mctx);
    fmpz_mpoly_init(v, mctx);

    fmpz_mpoly_gen(v, r->variable, mctx);
    for (j = 0; j < n; j++)
    {
        (void) fmpz_mpoly_pow_ui(t, v, (ulong) j, mctx);
        fmpz_mpoly_mul(t, t, p, mctx);
        extra[j] = fold(t, r, mctx);
        field_split(column, n, t, r->variable, mctx);
        for (i = 0; i < n; i++)
        {
            fmpz_mpoly_set(gr_mat_entry_ptr(matrix, i, j, polynomials), column + i, mctx);
        }
    }
    status |= gr_mat_adjugate(adjugate, norm, matrix, polynomials);
    fmpz_mpoly_zero(cofactor, mctx);
    for (j = 0; j < n; j++)
    {
        (void) fmpz_mpoly_pow_ui(t, v, (ulong) j, mctx);
        fmpz_mpoly_mul(t, t, gr_mat_entry_ptr(adjugate, j, 0, polynomials), mctx);
        multiply_relation_den(t, r, extra[j], mctx);
        fmpz_mpoly_add(cofactor, cofactor, t, mctx);
    }

    fmpz_mpoly_clear(t, mctx);
    fmpz_mpoly_clear(v, mctx);
    gr_mat_clear(matrix, polynomials);
    gr_mat_clear(adjugate, polynomials);
    gr_ctx_clear(polynomials);
    polynomials_free(column, n, mctx);
    flint_free(extra);
    return status;
}

/* Whether a product has few enough terms to be kept: at most one for each pair, and one for each
   monomial of its degrees. */
static int product_fits(const fmpz_mpoly_t a, const fmpz_mpoly_t b, const fmpz_mpoly_ctx_t mctx)
{
    double pairs = (double) fmpz_mpoly_length(a, mctx) * (double) fmpz_mpoly_length(b, mctx), monomials = 1.0;
    slong v;
    if (pairs <= FIELD_PRODUCT_TERMS)
    {
        return 1;
    }
    if (pairs > 1e9 || !fmpz_mpoly_degrees_fit_si(a, mctx) || !fmpz_mpoly_degrees_fit_si(b, mctx))
    {
        return 0;
    }
    for (v = 0; v < fmpz_mpoly_ctx_nvars(mctx) && monomials <= FIELD_PRODUCT_TERMS; v++)
    {
        monomials *= 1.0 + (double) fmpz_mpoly_degree_si(a, v, mctx) + (double) fmpz_mpoly_degree_si(b, v, mctx);
    }
    return monomials <= FIELD_PRODUCT_TERMS;
}

/* As above; the cases of a single power of v and of degree 2 by their short formulas. */
static int cofactor_and_norm(fmpz_mpoly_t cofactor, fmpz_mpoly_t norm, const fmpz_mpoly_t p,
    const relation_t r, const fmpz_mpoly_ctx_t mctx)
{
    slong n = r->degree, used = 0, last = 0, k;
    int status = GR_SUCCESS;
    fmpz_mpoly_struct * a = polynomials_new(n, mctx);
    fmpz_mpoly_t v, t;
    fmpz_mpoly_init(v, mctx);
    fmpz_mpoly_init(t, mctx);

    field_split(a, n, p, r->variable, mctx);
    for (k = 0; k < n; k++)
    {
        if (!fmpz_mpoly_is_zero(a + k, mctx))
        {
            used++;
            last = k;
        }
    }
    fmpz_mpoly_gen(v, r->variable, mctx);
    if (used == 1)
    {
        /* (a_k v^k) (D v^(n-k)) = a_k N */
        (void) fmpz_mpoly_pow_ui(v, v, (ulong) (n - last), mctx);
        fmpz_mpoly_mul(cofactor, v, relation_den(r), mctx);
        fmpz_mpoly_mul(norm, a + last, relation_num(r), mctx);
    }
    else if (!product_fits(p, p, mctx))
    {
        status = GR_UNABLE;
    }
    else if (n == 2)
    {
        /* (a_0 + a_1 v) D (a_0 - a_1 v) = D a_0^2 - N a_1^2 */
        fmpz_mpoly_mul(t, a + 1, v, mctx);
        fmpz_mpoly_sub(t, a, t, mctx);
        fmpz_mpoly_mul(cofactor, t, relation_den(r), mctx);
        fmpz_mpoly_mul(t, a, a, mctx);
        fmpz_mpoly_mul(norm, t, relation_den(r), mctx);
        fmpz_mpoly_mul(t, a + 1, a + 1, mctx);
        fmpz_mpoly_mul(t, t, relation_num(r), mctx);
        fmpz_mpoly_sub(norm, norm, t, mctx);
    }
    else if (n <= FIELD_DEGREE)
    {
        status = cofactor_by_adjugate(cofactor, norm, p, r, mctx);
    }
    else
    {
        status = GR_UNABLE;
    }

    fmpz_mpoly_clear(v, mctx);
    fmpz_mpoly_clear(t, mctx);
    polynomials_free(a, n, mctx);
    return status;
}

/* Brings q to normal form modulo the relations, from the last algebraic generator to the first, but
   not yet to lowest terms. The value is the same wherever the new denominator is not zero, which
   the caller certifies if *rationalised. GR_UNABLE where a norm is 0: the denominator is then a
   zero divisor of the representation. [FIELD-3] */
static int normal_form(fmpz_mpoly_q_t q, int * changed, int * rationalised, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    fmpz_mpoly_struct * num = fmpz_mpoly_q_numref(q);
    fmpz_mpoly_struct * den = fmpz_mpoly_q_denref(q);
    int status = GR_SUCCESS;
    slong g;

    *changed = 0;
    *rationalised = 0;
    if (field->algebraic_length == 0)
    {
        return GR_SUCCESS;
    }
    for (g = field->generators_length - 1; g >= 0 && status == GR_SUCCESS; g--)
    {
        slong variable = field->symbols_length + g, e;
        slong num_degree, den_degree;
        relation_t r;
        if (field->generators[g].degree == 0)
        {
            continue;
        }
        num_degree = fmpz_mpoly_degree_si(num, variable, mctx);
        den_degree = fmpz_mpoly_degree_si(den, variable, mctx);
        if (num_degree < field->generators[g].degree && den_degree <= 0)
        {
            continue;
        }
        *changed = 1;
        r->variable = variable;
        r->degree = field->generators[g].degree;
        field_operand_open(r->relation, field->generators[g].relation, field);
        if (den_degree > 0)
        {
            fmpz_mpoly_t cofactor, norm;
            fmpz_mpoly_init(cofactor, mctx);
            fmpz_mpoly_init(norm, mctx);
            *rationalised = 1;
            e = fold(den, r, mctx);
            multiply_relation_den(num, r, e, mctx);
            status = cofactor_and_norm(cofactor, norm, den, r, mctx);
            if (status == GR_SUCCESS
                && (fmpz_mpoly_is_zero(norm, mctx) || !product_fits(num, cofactor, mctx)))
            {
                status = GR_UNABLE;
            }
            if (status == GR_SUCCESS)
            {
                fmpz_mpoly_mul(num, num, cofactor, mctx);
                fmpz_mpoly_swap(den, norm, mctx);
            }
            fmpz_mpoly_clear(cofactor, mctx);
            fmpz_mpoly_clear(norm, mctx);
        }
        if (status == GR_SUCCESS)
        {
            e = fold(num, r, mctx);
            multiply_relation_den(den, r, e, mctx);
        }
        field_operand_close(r->relation, field);
    }
    return status;
}

/* For values whose denominator has no algebraic generators. */
static int reduce_numerator(fmpz_mpoly_q_t q, const caustic_field * field)
{
    int changed, rationalised, status = normal_form(q, &changed, &rationalised, field);
    if (status == GR_SUCCESS && changed)
    {
        fmpz_mpoly_q_canonicalise(q, field_mctx(field));
    }
    return status;
}

/* Arithmetic *********************************************************************************/

/* The work of a product, in term products of words; about so much for what surrounds it. */
static double product_work(const fmpz_mpoly_t a, const fmpz_mpoly_t b, const caustic_field * field)
{
    double terms = (double) fmpz_mpoly_length(a, field_mctx(field)) * (double) fmpz_mpoly_length(b, field_mctx(field));
    double words = (double) FLINT_ABS(fmpz_mpoly_max_bits(a)) * (double) FLINT_ABS(fmpz_mpoly_max_bits(b)) / 4096.0;
    return 40.0 + terms * (1.0 + words);
}

/* Whether the arithmetic may go on: what a field does altogether is bounded, and by counting, so that
   the same case gives up at the same place everywhere. Greatest common divisors cost more than
   products; they are needed where a denominator is not constant. */
static int field_afford(const fmpz_mpoly_q_t a, const fmpz_mpoly_q_t b, caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    int fractions = !fmpz_mpoly_is_fmpz(fmpz_mpoly_q_denref(a), mctx) || !fmpz_mpoly_is_fmpz(fmpz_mpoly_q_denref(b), mctx);
    double work = product_work(fmpz_mpoly_q_numref(a), fmpz_mpoly_q_numref(b), field);
    if (fractions)
    {
        work += product_work(fmpz_mpoly_q_denref(a), fmpz_mpoly_q_denref(b), field)
            + product_work(fmpz_mpoly_q_numref(a), fmpz_mpoly_q_denref(b), field)
            + product_work(fmpz_mpoly_q_denref(a), fmpz_mpoly_q_numref(b), field);
        work *= 10.0;
    }
    field->work += work;
    return field->work <= FIELD_WORK
        && product_fits(fmpz_mpoly_q_numref(a), fmpz_mpoly_q_numref(b), mctx)
        && product_fits(fmpz_mpoly_q_denref(a), fmpz_mpoly_q_denref(b), mctx)
        && product_fits(fmpz_mpoly_q_numref(a), fmpz_mpoly_q_denref(b), mctx)
        && product_fits(fmpz_mpoly_q_denref(a), fmpz_mpoly_q_numref(b), mctx);
}

int field_neg(field_element_struct * res, const field_element_struct * x, gr_ctx_t ctx)
{
    field_element_set(res, x, FIELD(ctx));
    fmpz_mpoly_q_neg(res->value, res->value, FIELD(ctx)->levels[res->level]);
    return GR_SUCCESS;
}

/* Sums of reduced elements are reduced: the denominators hold no algebraic generators. */
static int add_or_sub(field_element_struct * res, const field_element_struct * x,
    const field_element_struct * y, int subtract, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    int status = GR_SUCCESS;
    field_operand_t a, b;
    fmpz_mpoly_q_t t;

    field_operand_open(a, x, field);
    field_operand_open(b, y, field);
    fmpz_mpoly_q_init(t, mctx);
    if (!field_afford(a->q, b->q, field))
    {
        status = GR_UNABLE;
    }
    else
    {
        if (subtract)
        {
            fmpz_mpoly_q_sub(t, a->q, b->q, mctx);
        }
        else
        {
            fmpz_mpoly_q_add(t, a->q, b->q, mctx);
        }
        field_element_store(res, t, field);
    }
    fmpz_mpoly_q_clear(t, mctx);
    field_operand_close(a, field);
    field_operand_close(b, field);
    return status;
}

int field_add(field_element_struct * res, const field_element_struct * x, const field_element_struct * y, gr_ctx_t ctx)
{
    return add_or_sub(res, x, y, 0, ctx);
}

int field_sub(field_element_struct * res, const field_element_struct * x, const field_element_struct * y, gr_ctx_t ctx)
{
    return add_or_sub(res, x, y, 1, ctx);
}

int field_mul(field_element_struct * res, const field_element_struct * x, const field_element_struct * y, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    int status;
    field_operand_t a, b;
    fmpz_mpoly_q_t t;

    field_operand_open(a, x, field);
    field_operand_open(b, y, field);
    fmpz_mpoly_q_init(t, mctx);
    if (!field_afford(a->q, b->q, field))
    {
        status = GR_UNABLE;
    }
    else
    {
        fmpz_mpoly_q_mul(t, a->q, b->q, mctx);
        status = reduce_numerator(t, field);
    }
    if (status == GR_SUCCESS)
    {
        field_element_store(res, t, field);
    }
    fmpz_mpoly_q_clear(t, mctx);
    field_operand_close(a, field);
    field_operand_close(b, field);
    return status;
}

int field_mul_fmpq(field_element_struct * res, const field_element_struct * x, const fmpq_t c, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    fmpz_mpoly_q_t t;
    field_operand_t a;
    field_operand_open(a, x, field);
    fmpz_mpoly_q_init(t, field_mctx(field));
    fmpz_mpoly_q_mul_fmpq(t, a->q, c, field_mctx(field));
    field_element_store(res, t, field);
    fmpz_mpoly_q_clear(t, field_mctx(field));
    field_operand_close(a, field);
    return GR_SUCCESS;
}

/* Nothing is cancelled before the divisor's norm is certified: a factor that cancels might be the
   zero function in disguise. */
int field_inv(field_element_struct * res, const field_element_struct * x, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    int status, changed, rationalised;
    field_operand_t a;
    fmpz_mpoly_q_t t;

    field_operand_open(a, x, field);
    fmpz_mpoly_q_init(t, mctx);
    if (fmpz_mpoly_q_is_zero(a->q, mctx))
    {
        status = GR_DOMAIN;
    }
    else
    {
        fmpz_mpoly_set(fmpz_mpoly_q_numref(t), fmpz_mpoly_q_denref(a->q), mctx);
        fmpz_mpoly_set(fmpz_mpoly_q_denref(t), fmpz_mpoly_q_numref(a->q), mctx);
        status = normal_form(t, &changed, &rationalised, field);
        if (status == GR_SUCCESS && !field_certify_divisor(fmpz_mpoly_q_denref(t), field))
        {
            status = GR_UNABLE;
        }
    }
    if (status == GR_SUCCESS)
    {
        fmpz_mpoly_q_canonicalise(t, mctx);
        field_element_store(res, t, field);
    }
    fmpz_mpoly_q_clear(t, mctx);
    field_operand_close(a, field);
    return status;
}

int field_div(field_element_struct * res, const field_element_struct * x, const field_element_struct * y, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    field_element_t t;
    int status;
    field_element_init(t, field);
    status = field_inv(t, y, ctx);
    if (status == GR_SUCCESS)
    {
        status = field_mul(res, x, t, ctx);
    }
    field_element_clear(t, field);
    return status;
}

/* An upper estimate of the terms of p^k, as a guard only. */
static double power_terms(const fmpz_mpoly_t p, ulong k, const caustic_field * field)
{
    double terms = 1.0, length = (double) fmpz_mpoly_length(p, field_mctx(field));
    slong bits = fmpz_mpoly_max_bits(p), i;
    for (i = 1; i < (slong) length && terms < 1e18; i++)
    {
        terms *= ((double) k + (double) i) / (double) i;
    }
    /* in words: coefficients grow by the bits of p's and those of its length with every factor */
    return terms * (1.0 + (double) k * ((double) FLINT_ABS(bits) + (double) FLINT_BIT_COUNT((ulong) length)) / 64.0);
}

static int power_plain(fmpz_mpoly_q_t t, const fmpz_mpoly_q_t q, ulong k, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    if (power_terms(fmpz_mpoly_q_numref(q), k, field) > FIELD_TERMS
        || power_terms(fmpz_mpoly_q_denref(q), k, field) > FIELD_TERMS
        || !fmpz_mpoly_pow_ui(fmpz_mpoly_q_numref(t), fmpz_mpoly_q_numref(q), k, mctx)
        || !fmpz_mpoly_pow_ui(fmpz_mpoly_q_denref(t), fmpz_mpoly_q_denref(q), k, mctx))
    {
        return GR_UNABLE;
    }
    return GR_SUCCESS;
}

static int uses_algebraic(const fmpz_mpoly_t p, const caustic_field * field)
{
    slong g;
    for (g = 0; g < field->generators_length; g++)
    {
        if (field->generators[g].degree > 0
            && fmpz_mpoly_degree_si(p, field->symbols_length + g, field_mctx(field)) > 0)
        {
            return 1;
        }
    }
    return 0;
}

int field_pow_si(field_element_struct * res, const field_element_struct * x, slong exponent, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    int status = GR_SUCCESS;
    ulong k = exponent < 0 ? -(ulong) exponent : (ulong) exponent;
    field_element_t base;
    field_operand_t a;

    field_element_init(base, field);
    if (exponent < 0)
    {
        status = field_inv(base, x, ctx);
    }
    else
    {
        field_element_set(base, x, field);
    }
    field_operand_open(a, base, field);
    if (status != GR_SUCCESS)
    {
    }
    else if (field->algebraic_length == 0 || !uses_algebraic(fmpz_mpoly_q_numref(a->q), field))
    {
        fmpz_mpoly_q_t t;
        fmpz_mpoly_q_init(t, field_mctx(field));
        status = power_plain(t, a->q, k, field);
        if (status == GR_SUCCESS)
        {
            field_element_store(res, t, field);
        }
        fmpz_mpoly_q_clear(t, field_mctx(field));
    }
    else
    {
        /* binary powers, reduced at every step, from the highest bit */
        slong bit;
        field_element_t t;
        field_element_init(t, field);
        fmpz_mpoly_q_one(t->value, field_mctx(field));
        for (bit = (slong) FLINT_BIT_COUNT(k) - 1; bit >= 0 && status == GR_SUCCESS; bit--)
        {
            status = field_mul(t, t, t, ctx);
            if (status == GR_SUCCESS && ((k >> bit) & 1))
            {
                status = field_mul(t, t, base, ctx);
            }
        }
        if (status == GR_SUCCESS)
        {
            field_element_set(res, t, field);
        }
        field_element_clear(t, field);
    }
    field_operand_close(a, field);
    field_element_clear(base, field);
    return status;
}

/* Derivatives ********************************************************************************/

/* d v / d symbols[k] for the generator v. */
static int generator_derivative(field_element_struct * res, slong index, slong k, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    field_generator * g = field->generators + index;
    int status = GR_SUCCESS;
    field_element_t argument, inner, t, u;
    fmpq_t c;
    if (g->derivative_known[k])
    {
        field_element_set(res, g->derivative + k, field);
        return GR_SUCCESS;
    }
    field_element_init(argument, field);
    field_element_init(inner, field);
    field_element_init(t, field);
    field_element_init(u, field);
    fmpq_init(c);

    /* copies, because new generators may move the table */
    field_element_set(argument, g->argument, field);
    fmpq_set(c, g->unit);
    field_element_set_variable(t, field->symbols_length + index, field);
    if (g->kind != FIELD_PI)
    {
        status |= field_derivative(inner, argument, k, ctx);
    }
    if (status == GR_SUCCESS)
    {
        switch (field->generators[index].kind)
        {
            case FIELD_POWER:
                status |= field_mul(inner, inner, t, ctx);
                if (!field->atoms[field->generators[index].atom].is_exp)
                {
                    status |= field_mul_fmpq(inner, inner, c, ctx);
                    status |= field_div(inner, inner, argument, ctx);
                }
                break;
            case FIELD_LOG:
                status |= field_div(inner, inner, argument, ctx);
                break;
            case FIELD_COS:
                field_element_set_variable(t, field->symbols_length + index + 1, field);
                status |= field_mul(inner, inner, t, ctx);
                status |= field_neg(inner, inner, ctx);
                break;
            case FIELD_SIN:
                field_element_set_variable(t, field->symbols_length + index - 1, field);
                status |= field_mul(inner, inner, t, ctx);
                break;
            case FIELD_ATAN:
                status |= field_mul(t, argument, argument, ctx);
                fmpq_one(c);
                field_set_fmpq(u, c, field);
                status |= field_add(t, t, u, ctx);
                status |= field_div(inner, inner, t, ctx);
                break;
            case FIELD_ERF:
                /* 2 pi^(-1/2) exp(-a^2) a' */
                status |= field_mul(t, argument, argument, ctx);
                status |= field_neg(t, t, ctx);
                if (status == GR_SUCCESS)
                {
                    status |= field_exp(t, t, ctx);
                    status |= field_pi(u, ctx);
                    fmpq_set_si(c, -1, 2);
                    status |= field_power_fmpq(u, u, c, ctx);
                }
                if (status == GR_SUCCESS)
                {
                    status |= field_mul(t, t, u, ctx);
                    status |= field_mul(inner, inner, t, ctx);
                    fmpq_set_si(c, 2, 1);
                    status |= field_mul_fmpq(inner, inner, c, ctx);
                }
                break;
            case FIELD_PI:
                break;
        }
    }
    if (status == GR_SUCCESS)
    {
        field_element_set(field->generators[index].derivative + k, inner, field);
        field->generators[index].derivative_known[k] = 1;
        field_element_set(res, inner, field);
    }
    field_element_clear(argument, field);
    field_element_clear(inner, field);
    field_element_clear(t, field);
    field_element_clear(u, field);
    fmpq_clear(c);
    return status;
}

static void mark_variables(int * used, const fmpz_mpoly_t p, const fmpz_mpoly_ctx_t mctx, slong variables)
{
    slong v;
    for (v = 0; v < variables && v < fmpz_mpoly_ctx_nvars(mctx); v++)
    {
        used[v] |= fmpz_mpoly_degree_si(p, v, mctx) > 0;
    }
}

/* Makes the derivatives of the generators that p uses, directly or through arguments, in their
   order, so that calls nest no deeper than one generator. */
static int prepare_derivatives(const fmpz_mpoly_t p, const fmpz_mpoly_ctx_t mctx, slong k, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    slong symbols = field->symbols_length, last = field->generators_length, g;
    int * used = flint_calloc(field_variables(field) + 1, sizeof(int));
    int status = GR_SUCCESS;
    field_element_t t;

    field_element_init(t, field);
    mark_variables(used, p, mctx, symbols + last);
    for (g = last - 1; g >= 0; g--)
    {
        const field_element_struct * a = field->generators[g].argument;
        if (used[symbols + g])
        {
            mark_variables(used, fmpz_mpoly_q_numref(a->value), field->levels[a->level], symbols + last);
            mark_variables(used, fmpz_mpoly_q_denref(a->value), field->levels[a->level], symbols + last);
        }
    }
    for (g = 0; g < last && status == GR_SUCCESS; g++)
    {
        if (used[symbols + g] && !field->generators[g].derivative_known[k])
        {
            status = generator_derivative(t, g, k, ctx);
        }
    }
    field_element_clear(t, field);
    flint_free(used);
    return status;
}

/* The chain rule: sum over the variables v of p of (dp/dv) v'. */
static int polynomial_derivative(field_element_struct * res, const fmpz_mpoly_t p, slong k, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    slong level = field_level(field), last = field->generators_length, g;
    fmpz_mpoly_ctx_struct * mctx = field->levels[level];
    int status = GR_SUCCESS;
    field_element_t sum, term, inner;
    fmpz_mpoly_t part;

    field_element_init(sum, field);
    field_element_init(term, field);
    field_element_init(inner, field);
    fmpz_mpoly_init(part, mctx);
    fmpz_mpoly_derivative(part, p, k, mctx);
    field_element_set_polynomials(sum, part, NULL, field);
    for (g = 0; g < last && status == GR_SUCCESS; g++)
    {
        slong variable = field->symbols_length + g;
        if (fmpz_mpoly_degree_si(p, variable, mctx) > 0)
        {
            field_element_t slope;
            fmpz_mpoly_derivative(part, p, variable, mctx);
            status |= generator_derivative(inner, g, k, ctx);
            /* the level may have grown: build the factor at the level of p */
            slope->level = level;
            fmpz_mpoly_q_init(slope->value, mctx);
            fmpz_mpoly_swap(fmpz_mpoly_q_numref(slope->value), part, mctx);
            if (status == GR_SUCCESS)
            {
                status |= field_mul(term, slope, inner, ctx);
            }
            if (status == GR_SUCCESS)
            {
                status |= field_add(sum, sum, term, ctx);
            }
            field_element_clear(slope, field);
        }
    }
    if (status == GR_SUCCESS)
    {
        field_element_set(res, sum, field);
    }
    fmpz_mpoly_clear(part, mctx);
    field_element_clear(sum, field);
    field_element_clear(term, field);
    field_element_clear(inner, field);
    return status;
}

/* (n/d)' = (n' - (n/d) d') / d */
int field_derivative(field_element_struct * res, const field_element_struct * x, slong k, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    slong level;
    int status = GR_SUCCESS;
    fmpz_mpoly_q_t q;
    field_element_t self, slope, t;

    /* most entries of most matrices */
    if (field_element_is_constant(x, field))
    {
        fmpq_t zero;
        fmpq_init(zero);
        field_set_fmpq(res, zero, field);
        fmpq_clear(zero);
        return GR_SUCCESS;
    }

    field_element_init(self, field);
    field_element_set(self, x, field);
    status |= prepare_derivatives(fmpz_mpoly_q_numref(self->value), field->levels[self->level], k, ctx);
    if (status == GR_SUCCESS)
    {
        status |= prepare_derivatives(fmpz_mpoly_q_denref(self->value), field->levels[self->level], k, ctx);
    }
    field_element_lift(self, field);
    level = self->level;
    fmpz_mpoly_q_init(q, field->levels[level]);
    fmpz_mpoly_q_set(q, self->value, field->levels[level]);
    field_element_init(slope, field);
    field_element_init(t, field);
    if (status == GR_SUCCESS)
    {
        status |= polynomial_derivative(slope, fmpz_mpoly_q_numref(q), k, ctx);
    }
    if (status == GR_SUCCESS && !fmpz_mpoly_is_fmpz(fmpz_mpoly_q_denref(q), field->levels[level]))
    {
        status |= polynomial_derivative(t, fmpz_mpoly_q_denref(q), k, ctx);
        if (status == GR_SUCCESS)
        {
            status |= field_mul(t, t, self, ctx);
        }
        if (status == GR_SUCCESS)
        {
            status |= field_sub(slope, slope, t, ctx);
        }
    }
    if (status == GR_SUCCESS)
    {
        /* 1/d, certified when x was made and free of algebraic generators */
        field_element_t reciprocal;
        reciprocal->level = level;
        fmpz_mpoly_q_init(reciprocal->value, field->levels[level]);
        fmpz_mpoly_one(fmpz_mpoly_q_numref(reciprocal->value), field->levels[level]);
        fmpz_mpoly_set(fmpz_mpoly_q_denref(reciprocal->value), fmpz_mpoly_q_denref(q), field->levels[level]);
        status |= field_mul(res, slope, reciprocal, ctx);
        field_element_clear(reciprocal, field);
    }
    fmpz_mpoly_q_clear(q, field->levels[level]);
    field_element_clear(self, field);
    field_element_clear(slope, field);
    field_element_clear(t, field);
    return status;
}

int caustic_field_derivative(gr_ptr res, gr_srcptr x, slong k, gr_ctx_t ctx)
{
    int status = field_derivative(res, x, k, ctx);
    return status == GR_SUCCESS ? GR_SUCCESS : GR_UNABLE;
}
