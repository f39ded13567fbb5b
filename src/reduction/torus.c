/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Torus actions with monomial invariants. In the charts log w everything is linear with rational
    coefficients, so that every identity of the reduction is one between sparse rational matrices
    [REDUCTION-10], whatever the number of weights.
*/

#include <stdlib.h>
#include <flint/fmpq_vec.h>
#include <flint/nmod.h>
#include <flint/nmod_mat.h>
#include "reduction_internal.h"

/* A product of powers of symbols: one row of a matrix of exponents. */
typedef struct
{
    slong length;
    slong * index;   /* of the symbols, increasing */
    fmpq * exponent; /* none is 0 */
}
monomial_struct;

/* All of it with the coefficients in the charts x = log w and y = log z. */
typedef struct
{
    slong parameters, generators, coordinates;
    fmpq * square;               /* c_a: the inverse metric is diag(c_a w_a^2) */
    monomial_struct * charge;    /* Q, k rows: generator a is sum_b Q_ab w_b d_b */
    monomial_struct * invariant; /* B, d rows: z_i = prod w_b^B_ib */
    monomial_struct * section;   /* S, N rows: w_b = prod z_i^S_bi */
}
torus_struct;

typedef torus_struct torus_t[1];

/* Reading ************************************************************************************/

/* Exponents of one expression while it is read: dense, with a list of where it is not 0. */
typedef struct
{
    const caustic_pool * pool;
    slong * place;       /* the index of each symbol, by handle; -1 for none */
    slong places;
    fmpq * dense;
    slong * touched;
    slong touched_length;
    slong symbols;
    fmpq_t coefficient;
}
reader_struct;

typedef reader_struct reader_t[1];

static void
reader_init(reader_t reader, const caustic_pool * pool, const caustic_expr * symbol, slong length)
{
    caustic_expr last = 0;

    for (slong i = 0; i < length; i++)
        last = FLINT_MAX(last, symbol[i]);

    reader->pool = pool;
    reader->places = (slong) last + 1;
    reader->place = flint_malloc((size_t) reader->places * sizeof(slong));
    reader->symbols = length;
    reader->dense = _fmpq_vec_init(FLINT_MAX(length, 1));
    reader->touched = flint_malloc((size_t) FLINT_MAX(length, 1) * sizeof(slong));
    reader->touched_length = 0;
    fmpq_init(reader->coefficient);

    for (slong i = 0; i < reader->places; i++)
        reader->place[i] = -1;
    for (slong i = 0; i < length; i++)
        reader->place[symbol[i]] = i;
}

static void
reader_clear(reader_t reader)
{
    flint_free(reader->place);
    flint_free(reader->touched);
    _fmpq_vec_clear(reader->dense, FLINT_MAX(reader->symbols, 1));
    fmpq_clear(reader->coefficient);
}

/* Multiplies what was read by one factor: a positive number, a symbol, or a power of one. */
static int
read_factor(reader_t reader, caustic_expr factor)
{
    caustic_op op = caustic_expr_op(reader->pool, factor);
    caustic_expr symbol = factor;
    fmpq_t exponent;
    slong i;

    if (op == CAUSTIC_OP_NUMBER)
    {
        fmpq_mul(reader->coefficient, reader->coefficient, caustic_expr_fmpq(reader->pool, factor));
        return 1;
    }

    fmpq_init(exponent);
    fmpq_one(exponent);

    if (op == CAUSTIC_OP_POWER)
    {
        symbol = caustic_expr_child(reader->pool, factor, 0);
        fmpq_set(exponent, caustic_expr_fmpq(reader->pool, factor));
    }

    i = (slong) symbol < reader->places ? reader->place[symbol] : -1;

    if (i >= 0 && fmpq_is_zero(reader->dense + i) && reader->touched_length == reader->symbols)
        i = -1;

    if (i >= 0)
    {
        if (fmpq_is_zero(reader->dense + i))
            reader->touched[reader->touched_length++] = i;
        fmpq_add(reader->dense + i, reader->dense + i, exponent);
    }

    fmpq_clear(exponent);
    return i >= 0;
}

static int
compare_places(const void * a, const void * b)
{
    slong x = *(const slong *) a, y = *(const slong *) b;

    return (x > y) - (x < y);
}

/* Whether e is a number times a monomial; then the monomial, and the number in reader->coefficient. */
static int
read_monomial(monomial_struct * monomial, reader_t reader, caustic_expr e)
{
    int readable = 1;

    fmpq_one(reader->coefficient);
    reader->touched_length = 0;

    if (caustic_expr_op(reader->pool, e) == CAUSTIC_OP_PRODUCT)
        for (slong i = 0; i < caustic_expr_arity(reader->pool, e) && readable; i++)
            readable = read_factor(reader, caustic_expr_child(reader->pool, e, i));
    else
        readable = read_factor(reader, e);

    qsort(reader->touched, (size_t) reader->touched_length, sizeof(slong), compare_places);
    monomial->length = 0;
    monomial->index = flint_malloc((size_t) FLINT_MAX(reader->touched_length, 1) * sizeof(slong));
    monomial->exponent = _fmpq_vec_init(FLINT_MAX(reader->touched_length, 1));

    for (slong i = 0; i < reader->touched_length; i++)
    {
        fmpq * exponent = reader->dense + reader->touched[i];

        if (!fmpq_is_zero(exponent))
        {
            monomial->index[monomial->length] = reader->touched[i];
            fmpq_swap(monomial->exponent + monomial->length, exponent);
            monomial->length++;
        }
        fmpq_zero(exponent);
    }

    return readable;
}

static void
monomial_clear(monomial_struct * monomial)
{
    if (monomial->exponent != NULL)
    {
        flint_free(monomial->index);
        /* At least one was made; those beyond the length are small integers. */
        _fmpq_vec_clear(monomial->exponent, monomial->length);
    }
}

static monomial_struct *
monomials_new(slong length)
{
    return flint_calloc((size_t) FLINT_MAX(length, 1), sizeof(monomial_struct));
}

static void
monomials_free(monomial_struct * monomials, slong length)
{
    for (slong i = 0; i < length; i++)
        monomial_clear(monomials + i);
    flint_free(monomials);
}

static void
torus_init(torus_t torus, const caustic_setting_t setting)
{
    torus->parameters = setting->parameters;
    torus->generators = setting->generators;
    torus->coordinates = setting->coordinates;
    torus->square = _fmpq_vec_init(FLINT_MAX(setting->parameters, 1));
    torus->charge = monomials_new(setting->generators);
    torus->invariant = monomials_new(setting->coordinates);
    torus->section = monomials_new(setting->parameters);
}

static void
torus_clear(torus_t torus)
{
    _fmpq_vec_clear(torus->square, FLINT_MAX(torus->parameters, 1));
    monomials_free(torus->charge, torus->generators);
    monomials_free(torus->invariant, torus->coordinates);
    monomials_free(torus->section, torus->parameters);
}

static int
is_half_line(const caustic_interval_struct * domain)
{
    return !domain->lower_infinite && fmpq_is_zero(domain->lower) && !domain->lower_closed && domain->upper_infinite;
}

static int
is_one_power(const monomial_struct * monomial, slong index, slong exponent)
{
    return monomial->length == 1 && monomial->index[0] == index && fmpq_equal_si(monomial->exponent, exponent);
}

/* The inverse metric is diag(c_a w_a^2) with c_a > 0. */
static int
read_metric(torus_t torus, reader_t reader, const caustic_setting_t setting, caustic_expr zero)
{
    slong n = setting->parameters;
    int answer = 1;

    for (slong a = 0; a < n && answer; a++)
    {
        monomial_struct entry;

        for (slong b = 0; b < n && answer; b++)
            answer = a == b || setting->inverse_metric[a * n + b] == zero;

        if (answer)
        {
            answer = read_monomial(&entry, reader, setting->inverse_metric[a * n + a])
                && is_one_power(&entry, a, 2) && fmpq_sgn(reader->coefficient) > 0;
            fmpq_set(torus->square + a, reader->coefficient);
            monomial_clear(&entry);
        }
    }

    return answer;
}

/* Generators whose component along w_b is a multiple of w_b. */
static int
read_charges(torus_t torus, reader_t reader, const caustic_setting_t setting, caustic_expr zero)
{
    slong n = setting->parameters;
    int answer = 1;

    for (slong a = 0; a < setting->generators && answer; a++)
    {
        monomial_struct * charge = torus->charge + a;
        slong length = 0;

        for (slong b = 0; b < n; b++)
            length += setting->generator[a * n + b] != zero;

        charge->index = flint_malloc((size_t) FLINT_MAX(length, 1) * sizeof(slong));
        charge->exponent = _fmpq_vec_init(FLINT_MAX(length, 1));

        for (slong b = 0; b < n && answer; b++)
        {
            monomial_struct entry;

            if (setting->generator[a * n + b] == zero)
                continue;

            answer = read_monomial(&entry, reader, setting->generator[a * n + b]) && is_one_power(&entry, b, 1);
            charge->index[charge->length] = b;
            fmpq_set(charge->exponent + charge->length, reader->coefficient);
            charge->length++;
            monomial_clear(&entry);
        }
    }

    return answer;
}

int
read_torus_charges(fmpq_mat_t charges, const caustic_setting_t setting)
{
    torus_t torus;
    reader_t reader;
    int answer;

    torus_init(torus, setting);
    reader_init(reader, setting->pool, setting->parameter, setting->parameters);
    answer = read_charges(torus, reader, setting, caustic_integer(setting->pool, 0));

    fmpq_mat_zero(charges);
    for (slong a = 0; a < setting->generators && answer; a++)
        for (slong l = 0; l < torus->charge[a].length; l++)
            fmpq_set(fmpq_mat_entry(charges, a, torus->charge[a].index[l]), torus->charge[a].exponent + l);

    reader_clear(reader);
    torus_clear(torus);
    return answer;
}

/* Monomials with coefficient 1. */
static int
read_monomials(monomial_struct * monomial, reader_t reader, const caustic_expr * e, slong length)
{
    int answer = 1;

    for (slong i = 0; i < length && answer; i++)
        answer = read_monomial(monomial + i, reader, e[i]) && fmpq_is_one(reader->coefficient);

    return answer;
}

static int
has_torus_domains(const caustic_setting_t setting)
{
    int answer = 1;

    for (slong a = 0; a < setting->parameters && answer; a++)
        answer = is_half_line(setting->parameter_domain + a);
    for (slong i = 0; i < setting->coordinates && answer; i++)
        answer = is_half_line(setting->coordinate_domain + i);

    return answer;
}

static int
torus_read(torus_t torus, const caustic_setting_t setting)
{
    caustic_expr zero = caustic_integer(setting->pool, 0);
    reader_t in_parameters, in_coordinates;
    int answer;

    reader_init(in_parameters, setting->pool, setting->parameter, setting->parameters);
    reader_init(in_coordinates, setting->pool, setting->coordinate, setting->coordinates);

    answer = read_metric(torus, in_parameters, setting, zero)
        && read_charges(torus, in_parameters, setting, zero)
        && read_monomials(torus->invariant, in_parameters, setting->invariant, setting->coordinates)
        && read_monomials(torus->section, in_coordinates, setting->section, setting->parameters);

    reader_clear(in_parameters);
    reader_clear(in_coordinates);
    return answer;
}

/* Proving ************************************************************************************/

/* row . column, both sparse. */
static void
dot(fmpq_t res, const monomial_struct * a, const monomial_struct * b)
{
    slong i = 0, j = 0;

    fmpq_zero(res);
    while (i < a->length && j < b->length)
    {
        if (a->index[i] == b->index[j])
            fmpq_addmul(res, a->exponent + i++, b->exponent + j++);
        else if (a->index[i] < b->index[j])
            i++;
        else
            j++;
    }
}

/* Q B^T = 0 */
static int
charges_annihilate_invariants(const torus_t torus)
{
    fmpq_t sum;
    int answer = 1;

    fmpq_init(sum);
    for (slong a = 0; a < torus->generators && answer; a++)
        for (slong i = 0; i < torus->coordinates && answer; i++)
        {
            dot(sum, torus->charge + a, torus->invariant + i);
            answer = fmpq_is_zero(sum);
        }
    fmpq_clear(sum);
    return answer;
}

/* B S = 1, row by row. */
static int
section_is_right_inverse(const torus_t torus)
{
    fmpq * row = _fmpq_vec_init(FLINT_MAX(torus->coordinates, 1));
    int answer = 1;

    for (slong i = 0; i < torus->coordinates && answer; i++)
    {
        const monomial_struct * invariant = torus->invariant + i;

        for (slong j = 0; j < torus->coordinates; j++)
            fmpq_zero(row + j);
        for (slong l = 0; l < invariant->length; l++)
        {
            const monomial_struct * weight = torus->section + invariant->index[l];

            for (slong m = 0; m < weight->length; m++)
                fmpq_addmul(row + weight->index[m], invariant->exponent + l, weight->exponent + m);
        }

        for (slong j = 0; j < torus->coordinates && answer; j++)
            answer = (i == j) ? fmpq_is_one(row + j) : fmpq_is_zero(row + j);
    }

    _fmpq_vec_clear(row, FLINT_MAX(torus->coordinates, 1));
    return answer;
}

/* rank Q = k: a minor that is not 0 modulo a prime is not 0. */
static int
charges_are_independent(const torus_t torus)
{
    ulong prime = UWORD(2305843009213693951); /* 2^61 - 1 */
    nmod_mat_t matrix;
    int answer = 1;

    nmod_mat_init(matrix, torus->generators, torus->parameters, prime);

    for (slong a = 0; a < torus->generators && answer; a++)
        for (slong l = 0; l < torus->charge[a].length && answer; l++)
        {
            const fmpq * value = torus->charge[a].exponent + l;
            ulong below = fmpz_fdiv_ui(fmpq_denref(value), prime);

            /* A denominator divisible by the prime: nothing is known modulo it. */
            answer = below != 0;
            if (answer)
                nmod_mat_entry(matrix, a, torus->charge[a].index[l])
                    = nmod_div(fmpz_fdiv_ui(fmpq_numref(value), prime), below, matrix->mod);
        }

    answer = answer && nmod_mat_rank(matrix) == torus->generators;
    nmod_mat_clear(matrix);
    return answer;
}

/* G_ij = (B diag(c) B^T)_ij */
static void
gram_entry(fmpq_t res, const torus_t torus, slong i, slong j)
{
    const monomial_struct * a = torus->invariant + i;
    const monomial_struct * b = torus->invariant + j;
    fmpq_t term;
    slong l = 0, m = 0;

    fmpq_init(term);
    fmpq_zero(res);
    while (l < a->length && m < b->length)
    {
        if (a->index[l] == b->index[m])
        {
            fmpq_mul(term, a->exponent + l, b->exponent + m);
            fmpq_addmul(res, term, torus->square + a->index[l]);
            l++;
            m++;
        }
        else if (a->index[l] < b->index[m])
            l++;
        else
            m++;
    }
    fmpq_clear(term);
}

/* g^{ij} = G_ij z_i z_j and b^i = G_ii z_i, as expressions and in the field. */
static int
write_cometric(caustic_reduction_t reduction, const torus_t torus)
{
    const caustic_setting_struct * setting = reduction->setting;
    caustic_pool * pool = setting->pool;
    gr_ctx_struct * below = reduction->downstairs;
    slong d = torus->coordinates;
    int status = GR_SUCCESS;

    fmpq_mat_clear(reduction->gram);
    fmpq_mat_init(reduction->gram, d, d);
    allocate_cometric(reduction);

    for (slong i = 0; i < d; i++)
    {
        for (slong j = 0; j < d; j++)
        {
            fmpq * gram = fmpq_mat_entry(reduction->gram, i, j);
            caustic_expr entry;

            gram_entry(gram, torus, i, j);
            entry = caustic_mul(pool, caustic_number(pool, gram),
                caustic_mul(pool, setting->coordinate[i], setting->coordinate[j]));
            reduction->cometric_expr[i * d + j] = entry;
            status |= caustic_field_set_expr(gr_mat_entry_ptr(reduction->cometric, i, j, below), entry, below);
        }

        reduction->drift_expr[i] = caustic_mul(pool,
            caustic_number(pool, fmpq_mat_entry(reduction->gram, i, i)), setting->coordinate[i]);
        status |= caustic_field_set_expr(gr_mat_entry_ptr(reduction->drift, i, 0, below), reduction->drift_expr[i], below);
    }

    return status;
}

static void
conclude(caustic_reduction_t reduction, const torus_t torus)
{
    caustic_checks_struct * checks = reduction->checks;
    slong n = torus->parameters, k = torus->generators, d = torus->coordinates;

    caustic_checks_add(checks, "invariance", CAUSTIC_PROVED,
        "%s: orthogonal to the %ld charge%s of the torus", d == 1 ? "the exponents of the monomial"
        : "the exponents of the monomials", (long) k, k == 1 ? "" : "s");
    caustic_checks_add(checks, "section", CAUSTIC_PROVED,
        "the exponents of the section are a right inverse of those of the invariants");
    caustic_checks_add(checks, "isometry", CAUSTIC_PROVED,
        "in logarithmic coordinates the metric is constant and the torus acts by translations");
    caustic_checks_add(checks, "projectability", CAUSTIC_PROVED,
        "in logarithmic coordinates the invariants are linear and the metric is constant");
    caustic_checks_add(checks, "metric", CAUSTIC_PROVED, "diagonal, with positive entries c w^2");
    check_loss(reduction);
    caustic_checks_add(checks, "dimension", CAUSTIC_PROVED,
        "%ld = %ld + %ld; in logarithmic coordinates the group acts by independent translations, so freely and"
        " properly, and the invariants separate its orbits", (long) n, (long) k, (long) d);
}

int
reduce_torus(caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    torus_t torus;
    int answer;

    /* In more than one place of the case the general way says more. */
    if (setting->elements > 0 || setting->strata > 0 || !setting->has_section || setting->generators == 0
        || setting->generators + setting->coordinates != setting->parameters || !has_torus_domains(setting))
        return 0;

    torus_init(torus, setting);
    answer = torus_read(torus, setting) && charges_annihilate_invariants(torus)
        && section_is_right_inverse(torus) && charges_are_independent(torus);

    if (answer)
    {
        reduction->is_torus = 1;
        reduction->written_out = setting->coordinates <= CAUSTIC_WRITTEN_OUT;
        reduction->derived = !reduction->written_out || write_cometric(reduction, torus) == GR_SUCCESS;
        conclude(reduction, torus);
    }

    torus_clear(torus);
    return answer;
}
