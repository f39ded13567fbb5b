/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Arithmetic of sums of growth monomials on [X, inf). Every rule encloses the function on all of
    the half-line; what has no rule becomes unknown. [SHOCK-16]
*/

#include <string.h>
#include <caustic/jet.h>
#include "growth.h"

/* Longer sums have their least terms put into the one before. */
#define TERMS_LIMIT 14
/* Functions are expanded up to this power of what tends to zero. */
#define EXPANSION 4
/* Positive integer powers up to this one are products, which need no sign. */
#define POWER_LIMIT 16

/* Terms **************************************************************************************/

static void
term_init(growth_term * term)
{
    for (slong i = 0; i < GROWTH_EXPONENTS; i++)
        fmpq_init(term->exponent[i]);
    fmpq_init(term->rational);
    arb_init(term->constant);
    arb_init(term->varying);
}

static void
term_clear(growth_term * term)
{
    for (slong i = 0; i < GROWTH_EXPONENTS; i++)
        fmpq_clear(term->exponent[i]);
    fmpq_clear(term->rational);
    arb_clear(term->constant);
    arb_clear(term->varying);
}

static void
term_set(growth_term * res, const growth_term * term)
{
    for (slong i = 0; i < GROWTH_EXPONENTS; i++)
        fmpq_set(res->exponent[i], term->exponent[i]);
    fmpq_set(res->rational, term->rational);
    arb_set(res->constant, term->constant);
    arb_set(res->varying, term->varying);
}

static int
monomial_compare(const growth_term * a, const growth_term * b)
{
    for (slong i = 0; i < GROWTH_EXPONENTS; i++)
    {
        int order = fmpq_cmp(a->exponent[i], b->exponent[i]);
        if (order != 0)
            return order;
    }
    return 0;
}

static int
term_is_zero(const growth_term * term)
{
    return fmpq_is_zero(term->rational) && arb_is_zero(term->constant) && arb_is_zero(term->varying);
}

/* The number that the coefficient consists of, without its varying part. */
static void
term_number(arb_t c, const growth_term * term, slong prec)
{
    arb_set_fmpq(c, term->rational, prec);
    arb_add(c, c, term->constant, prec);
}

static void
term_coefficient(arb_t c, const growth_term * term, slong prec)
{
    term_number(c, term, prec);
    arb_add(c, c, term->varying, prec);
}

static void
term_multiply(growth_term * res, const growth_term * a, const growth_term * b, slong prec)
{
    arb_t p, q, c;

    arb_init(p);
    arb_init(q);
    arb_init(c);
    for (slong i = 0; i < GROWTH_EXPONENTS; i++)
        fmpq_add(res->exponent[i], a->exponent[i], b->exponent[i]);
    fmpq_mul(res->rational, a->rational, b->rational);

    /* (r + c)(r' + c') - r r' = r c' + c (r' + c') */
    arb_set_fmpq(p, a->rational, prec);
    term_number(q, b, prec);
    arb_mul(res->constant, p, b->constant, prec);
    arb_addmul(res->constant, a->constant, q, prec);

    /* n v' + v (n' + v') */
    term_number(p, a, prec);
    term_coefficient(c, b, prec);
    arb_mul(res->varying, p, b->varying, prec);
    arb_addmul(res->varying, a->varying, c, prec);
    arb_clear(p);
    arb_clear(q);
    arb_clear(c);
}

static void
multiply_fmpq(arb_t res, const arb_t x, const fmpq_t q, slong prec)
{
    arb_t factor;

    arb_init(factor);
    arb_set_fmpq(factor, q, prec);
    arb_mul(res, x, factor, prec);
    arb_clear(factor);
}

/* The monomial at X, for exponents d. */
static void
monomial_at_start(arb_t value, const fmpq_t * d, const growth_domain * domain)
{
    arb_t x, y;
    slong prec = domain->prec;

    arb_init(x);
    arb_init(y);
    arb_set_fmpq(x, domain->from, prec);
    multiply_fmpq(value, x, d[GROWTH_SQUARE], prec);
    arb_set_fmpq(y, d[GROWTH_RATE], prec);
    arb_add(value, value, y, prec);
    arb_mul(value, value, x, prec);
    arb_log(x, x, prec);
    multiply_fmpq(y, x, d[GROWTH_POWER], prec);
    arb_add(value, value, y, prec);
    arb_log(x, x, prec);
    multiply_fmpq(y, x, d[GROWTH_LOG], prec);
    arb_add(value, value, y, prec);
    arb_exp(value, value, prec);
    arb_clear(x);
    arb_clear(y);
}

/* The monomial does not increase on [X, inf): its logarithmic derivative r + 2 s x + (p + k/log x)/x is at most
   r + 2 s X + max(0, p + max(0, k)/log X)/X for s <= 0. */
static int
monomial_decreases(const fmpq_t * d, const growth_domain * domain)
{
    arb_t slope, power, x;
    slong prec = domain->prec;
    int decreases;

    if (fmpq_sgn(d[GROWTH_SQUARE]) > 0)
        return 0;
    arb_init(slope);
    arb_init(power);
    arb_init(x);
    arb_set_fmpq(x, domain->from, prec);
    if (fmpq_sgn(d[GROWTH_LOG]) > 0)
    {
        arb_log(slope, x, prec);
        arb_inv(power, slope, prec);
        multiply_fmpq(power, power, d[GROWTH_LOG], prec);
    }
    arb_set_fmpq(slope, d[GROWTH_POWER], prec);
    arb_add(power, power, slope, prec);
    multiply_fmpq(slope, x, d[GROWTH_SQUARE], prec);
    arb_mul_2exp_si(slope, slope, 1);
    if (!arb_is_nonpositive(power))
    {
        arb_div(power, power, x, prec);
        arb_nonnegative_part(power, power);
        arb_add(slope, slope, power, prec);
    }
    arb_set_fmpq(x, d[GROWTH_RATE], prec);
    arb_add(slope, slope, x, prec);
    decreases = arb_is_nonpositive(slope);
    arb_clear(slope);
    arb_clear(power);
    arb_clear(x);
    return decreases;
}

/* Encloses the quotient of two monomials, a below b, on [X, inf): [0, its value at X]. */
static int
quotient_range(arb_t range, const growth_term * a, const growth_term * b, const growth_domain * domain)
{
    fmpq_t d[GROWTH_EXPONENTS];
    arb_t zero;
    int known;

    arb_init(zero);
    for (slong i = 0; i < GROWTH_EXPONENTS; i++)
    {
        fmpq_init(d[i]);
        fmpq_sub(d[i], a->exponent[i], b->exponent[i]);
    }
    known = monomial_decreases((const fmpq_t *) d, domain);
    if (known)
    {
        monomial_at_start(range, (const fmpq_t *) d, domain);
        arb_union(range, range, zero, domain->prec);
        arb_nonnegative_part(range, range);
    }
    for (slong i = 0; i < GROWTH_EXPONENTS; i++)
        fmpq_clear(d[i]);
    arb_clear(zero);
    return known;
}

/* Sums ***************************************************************************************/

void
growth_init(growth_t f)
{
    f->terms = NULL;
    f->length = 0;
    f->known = 1;
}

void
growth_clear(growth_t f)
{
    for (slong i = 0; i < f->length; i++)
        term_clear(f->terms + i);
    flint_free(f->terms);
}

void
growth_zero(growth_t f)
{
    growth_clear(f);
    growth_init(f);
}

void
growth_unknown(growth_t f)
{
    growth_zero(f);
    f->known = 0;
}

static void
growth_swap(growth_t a, growth_t b)
{
    growth_struct c = *a;
    *a = *b;
    *b = c;
}

/* Room for so many terms, all zero. */
static void
growth_allocate(growth_t f, slong length)
{
    growth_zero(f);
    f->terms = flint_malloc(FLINT_MAX(length, 1) * sizeof(growth_term));
    f->length = length;
    for (slong i = 0; i < length; i++)
        term_init(f->terms + i);
}

static void
growth_set(growth_t f, const growth_t a)
{
    if (f == a)
        return;
    growth_allocate(f, a->length);
    f->known = a->known;
    for (slong i = 0; i < a->length; i++)
        term_set(f->terms + i, a->terms + i);
}

static void
remove_term(growth_t f, slong i)
{
    term_clear(f->terms + i);
    f->length--;
    memmove(f->terms + i, f->terms + i + 1, (f->length - i) * sizeof(growth_term));
}

/* The last term becomes a varying part of the coefficient before it. */
static int
absorb_last(growth_t f, const growth_domain * domain)
{
    growth_term * last = f->terms + f->length - 1;
    arb_t range, c;
    int known;

    arb_init(range);
    arb_init(c);
    known = quotient_range(range, last, last - 1, domain);
    term_coefficient(c, last, domain->prec);
    arb_addmul(last[-1].varying, c, range, domain->prec);
    remove_term(f, f->length - 1);
    arb_clear(range);
    arb_clear(c);
    return known;
}

/* What vanishes goes, long sums get shorter, and what is not finite is unknown. */
static void
growth_tidy(growth_t f, const growth_domain * domain)
{
    arb_t number;
    fmpq_t exact;
    int known = f->known;

    arb_init(number);
    fmpq_init(exact);
    for (slong i = f->length - 1; i >= 0; i--)
    {
        growth_term * term = f->terms + i;

        known = known && arb_is_finite(term->constant) && arb_is_finite(term->varying);
        if (known && arb_is_exact(term->constant) && !arb_is_zero(term->constant)
            && arf_cmpabs_2exp_si(arb_midref(term->constant), domain->prec) < 0
            && arf_cmpabs_2exp_si(arb_midref(term->constant), -domain->prec) > 0)
        {
            arf_get_fmpq(exact, arb_midref(term->constant));
            fmpq_add(term->rational, term->rational, exact);
            arb_zero(term->constant);
        }
        if (fmpq_height_bits(term->rational) > (ulong) domain->prec)
        {
            term_number(number, term, domain->prec);
            arb_swap(term->constant, number);
            fmpq_zero(term->rational);
        }
        if (term_is_zero(term))
            remove_term(f, i);
    }
    while (known && f->length > TERMS_LIMIT)
        known = absorb_last(f, domain);
    if (!known)
        growth_unknown(f);
    arb_clear(number);
    fmpq_clear(exact);
}

void
growth_set_fmpq(growth_t f, const fmpq_t c)
{
    growth_allocate(f, fmpq_is_zero(c) ? 0 : 1);
    if (!fmpq_is_zero(c))
        fmpq_set(f->terms->rational, c);
}

void
growth_set_constant(growth_t f, const arb_t c)
{
    growth_allocate(f, 1);
    arb_set(f->terms->constant, c);
}

void
growth_set_range(growth_t f, const arb_t c)
{
    growth_allocate(f, 1);
    arb_set(f->terms->varying, c);
}

void
growth_set_power(growth_t f, slong c, slong power)
{
    growth_allocate(f, 1);
    fmpq_set_si(f->terms->rational, c, 1);
    fmpq_set_si(f->terms->exponent[GROWTH_POWER], power, 1);
}

/* Appends or adds: terms come in decreasing order. */
static void
push_term(growth_t f, const growth_term * term, slong prec)
{
    growth_term * last = f->terms + f->length - 1;

    if (f->length > 0 && monomial_compare(last, term) == 0)
    {
        fmpq_add(last->rational, last->rational, term->rational);
        arb_add(last->constant, last->constant, term->constant, prec);
        arb_add(last->varying, last->varying, term->varying, prec);
        return;
    }
    term_init(f->terms + f->length);
    term_set(f->terms + f->length, term);
    f->length++;
}

void
growth_add(growth_t f, const growth_t a, const growth_t b, const growth_domain * domain)
{
    growth_t sum;
    slong i = 0, j = 0;

    growth_init(sum);
    sum->known = a->known && b->known;
    sum->terms = flint_malloc((a->length + b->length + 1) * sizeof(growth_term));
    while (i < a->length || j < b->length)
    {
        if (j == b->length || (i < a->length && monomial_compare(a->terms + i, b->terms + j) >= 0))
            push_term(sum, a->terms + i++, domain->prec);
        else
            push_term(sum, b->terms + j++, domain->prec);
    }
    growth_tidy(sum, domain);
    growth_swap(f, sum);
    growth_clear(sum);
}

void
growth_neg(growth_t f, const growth_t a)
{
    growth_set(f, a);
    for (slong i = 0; i < f->length; i++)
    {
        fmpq_neg(f->terms[i].rational, f->terms[i].rational);
        arb_neg(f->terms[i].constant, f->terms[i].constant);
        arb_neg(f->terms[i].varying, f->terms[i].varying);
    }
}

void
growth_sub(growth_t f, const growth_t a, const growth_t b, const growth_domain * domain)
{
    growth_t negative;

    growth_init(negative);
    growth_neg(negative, b);
    growth_add(f, a, negative, domain);
    growth_clear(negative);
}

void
growth_mul(growth_t f, const growth_t a, const growth_t b, const growth_domain * domain)
{
    growth_t product, row;

    growth_init(product);
    growth_init(row);
    product->known = a->known && b->known;
    for (slong i = 0; product->known && i < a->length; i++)
    {
        growth_allocate(row, b->length);
        for (slong j = 0; j < b->length; j++)
            term_multiply(row->terms + j, a->terms + i, b->terms + j, domain->prec);
        growth_add(product, product, row, domain);
    }
    growth_swap(f, product);
    growth_clear(product);
    growth_clear(row);
}

/* Signs and limits ***************************************************************************/

int
growth_leading(arb_t c, const growth_t f, const growth_domain * domain)
{
    arb_t range, term;
    int known = f->known;

    arb_zero(c);
    if (!known || f->length == 0)
        return known;
    arb_init(range);
    arb_init(term);
    term_coefficient(c, f->terms, domain->prec);
    for (slong i = 1; known && i < f->length; i++)
    {
        known = quotient_range(range, f->terms + i, f->terms, domain);
        term_coefficient(term, f->terms + i, domain->prec);
        arb_addmul(c, term, range, domain->prec);
    }
    known = known && arb_is_finite(c);
    arb_clear(range);
    arb_clear(term);
    return known;
}

int
growth_sign(const growth_t f, const growth_domain * domain)
{
    arb_t c;
    int sign = 0;

    arb_init(c);
    if (growth_leading(c, f, domain))
        sign = arb_is_positive(c) - arb_is_negative(c);
    arb_clear(c);
    return sign;
}

int
growth_order(const growth_t f)
{
    int order = 0;

    if (f->length == 0)
        return -1;
    for (slong i = 0; i < GROWTH_EXPONENTS && order == 0; i++)
        order = fmpq_sgn(f->terms->exponent[i]);
    return order;
}

int
growth_limit(arb_t limit, growth_t rest, const growth_t f, const growth_domain * domain)
{
    int order = growth_order(f), exists = f->known && order <= 0;

    arb_zero(limit);
    growth_set(rest, f);
    if (exists && order == 0)
    {
        exists = arb_is_zero(f->terms->varying);
        term_number(limit, f->terms, domain->prec);
        fmpq_zero(rest->terms->rational);
        arb_zero(rest->terms->constant);
        growth_tidy(rest, domain);
    }
    return exists;
}

/* Functions **********************************************************************************/

/* a with its first monomial replaced by that monomial's power, everywhere. */
static void
shift_by_leading(growth_t f, const growth_t a, const fmpq_t exponent)
{
    fmpq_t shift, e;

    fmpq_init(shift);
    fmpq_init(e);
    growth_set(f, a);
    for (slong j = 0; j < GROWTH_EXPONENTS && a->length > 0; j++)
    {
        fmpq_set(e, f->terms->exponent[j]);
        fmpq_mul(shift, e, exponent);
        fmpq_sub(shift, shift, e);
        for (slong i = 0; i < f->length; i++)
            fmpq_add(f->terms[i].exponent[j], f->terms[i].exponent[j], shift);
    }
    fmpq_clear(shift);
    fmpq_clear(e);
}

static void
normalise(growth_t f, const growth_t a)
{
    fmpq_t zero;

    fmpq_init(zero);
    shift_by_leading(f, a, zero);
    fmpq_clear(zero);
}

/* The coefficient of e^i in exp(e), log(1 + e), (1 + e)^q: rational, so that what cancels cancels exactly. */
static int
exact_coefficient(fmpq_t c, caustic_expr f, const fmpq_t centre, slong i, const growth_domain * domain)
{
    const caustic_pool * pool = domain->pool;
    fmpq_t factor;
    slong j;
    int rational = 0;

    fmpq_init(factor);
    fmpq_one(c);
    switch (caustic_expr_op(pool, f))
    {
        case CAUSTIC_OP_EXP:
            for (j = 2; j <= i; j++)
            {
                fmpq_set_si(factor, 1, (ulong) j);
                fmpq_mul(c, c, factor);
            }
            rational = fmpq_is_zero(centre);
            break;
        case CAUSTIC_OP_LOG:
            fmpq_set_si(c, i == 0 ? 0 : i % 2 == 1 ? 1 : -1, (ulong) FLINT_MAX(i, 1));
            rational = fmpq_is_one(centre);
            break;
        case CAUSTIC_OP_POWER:
            for (j = 0; j < i; j++)
            {
                fmpq_sub_si(factor, caustic_expr_fmpq(pool, f), j);
                fmpq_mul(c, c, factor);
                fmpq_set_si(factor, 1, (ulong) j + 1);
                fmpq_mul(c, c, factor);
            }
            rational = fmpq_is_one(centre);
            break;
        default:
            break;
    }
    fmpq_clear(factor);
    return rational;
}

/* f(centre + e) by Taylor's theorem with Lagrange's remainder, for e -> 0 and f analytic on a ball with all values
   of centre + e; that the series on the ball is finite proves it. */
static void
expand(growth_t res, caustic_expr f, const growth_term * centre, const growth_t e, const arb_t hull, const growth_domain * domain)
{
    caustic_tape * tape = caustic_tape_new(domain->pool, &f, 1, &domain->symbol, 1);
    arb_ptr at = _arb_vec_init(EXPANSION + 1), over = _arb_vec_init(EXPANSION + 1);
    growth_t sum, power, c;
    arb_t x;
    fmpq_t q;

    growth_init(sum);
    growth_init(power);
    growth_init(c);
    arb_init(x);
    fmpq_init(q);
    term_number(x, centre, domain->prec);
    sum->known = tape != NULL;
    if (tape != NULL)
    {
        caustic_tape_evaluate_series(&at, tape, x, EXPANSION + 1, domain->prec);
        caustic_tape_evaluate_series(&over, tape, hull, EXPANSION + 1, domain->prec);
        caustic_tape_free(tape);
        sum->known = _arb_vec_is_finite(at, EXPANSION + 1) && _arb_vec_is_finite(over, EXPANSION + 1);
    }
    fmpq_one(q);
    growth_set_fmpq(power, q);
    for (slong i = 0; i <= EXPANSION && sum->known; i++)
    {
        if (i == EXPANSION)
            growth_set_range(c, over + i);
        else if (arb_is_zero(centre->constant) && exact_coefficient(q, f, centre->rational, i, domain))
            growth_set_fmpq(c, q);
        else
            growth_set_constant(c, at + i);
        growth_mul(c, c, power, domain);
        growth_add(sum, sum, c, domain);
        growth_mul(power, power, e, domain);
    }
    growth_swap(res, sum);
    growth_clear(sum);
    growth_clear(power);
    growth_clear(c);
    arb_clear(x);
    fmpq_clear(q);
    _arb_vec_clear(at, EXPANSION + 1);
    _arb_vec_clear(over, EXPANSION + 1);
}

int
growth_range(arb_t range, const growth_t f, const growth_domain * domain)
{
    growth_term one;
    arb_t c;
    int known;

    arb_init(c);
    term_init(&one);
    arb_zero(range);
    known = growth_order(f) <= 0 && growth_leading(c, f, domain);
    if (known && f->length > 0)
    {
        known = quotient_range(range, f->terms, &one, domain);
        if (growth_order(f) == 0)
            arb_one(range);
        arb_mul(range, range, c, domain->prec);
    }
    arb_clear(c);
    term_clear(&one);
    return known;
}

/* f(a) for bounded a: expanded at the limit where there is one, else the range of f on the range of a. */
static void
apply_bounded(growth_t res, caustic_expr f, const growth_t a, const growth_domain * domain)
{
    growth_term zero;
    growth_t e;
    arb_t hull, limit;
    caustic_tape * tape;

    growth_init(e);
    arb_init(hull);
    arb_init(limit);
    term_init(&zero);
    if (f == CAUSTIC_NONE || !growth_range(hull, a, domain))
        growth_unknown(res);
    else if (growth_limit(limit, e, a, domain))
        expand(res, f, growth_order(a) == 0 ? a->terms : &zero, e, hull, domain);
    else if ((tape = caustic_tape_new(domain->pool, &f, 1, &domain->symbol, 1)) != NULL)
    {
        caustic_tape_evaluate_arb(limit, tape, hull, domain->prec);
        caustic_tape_free(tape);
        growth_set_range(res, limit);
        growth_tidy(res, domain);
    }
    else
        growth_unknown(res);
    growth_clear(e);
    arb_clear(hull);
    arb_clear(limit);
    term_clear(&zero);
}

static void
apply_op_bounded(growth_t res, caustic_op op, const growth_t a, const growth_domain * domain)
{
    apply_bounded(res, caustic_function(domain->pool, op, domain->symbol), a, domain);
}

/* v = m (c + e) with the first monomial m becomes c' = 1 (*scale = c) where c is a rational number, else stays. */
static void
normalise_coefficient(fmpq_t scale, growth_t v, const growth_t a, const growth_domain * domain)
{
    growth_t factor;
    fmpq_t inverse;

    growth_init(factor);
    fmpq_init(inverse);
    fmpq_one(scale);
    normalise(v, a);
    if (v->length > 0 && arb_is_zero(v->terms->constant) && !fmpq_is_zero(v->terms->rational))
    {
        fmpq_set(scale, v->terms->rational);
        fmpq_inv(inverse, scale);
        growth_set_fmpq(factor, inverse);
        growth_mul(v, v, factor, domain);
    }
    growth_clear(factor);
    fmpq_clear(inverse);
}

static void
integer_power(growth_t res, const growth_t a, slong n, const growth_domain * domain)
{
    growth_t power;
    fmpq_t one;

    growth_init(power);
    fmpq_init(one);
    fmpq_one(one);
    growth_set_fmpq(power, one);
    for (slong i = 0; i < n; i++)
        growth_mul(power, power, a, domain);
    growth_swap(res, power);
    growth_clear(power);
    fmpq_clear(one);
}

/* (m c (1 + e))^q = m^q c^q (1 + e)^q */
void
growth_rational_power(growth_t res, const growth_t a, const fmpq_t q, const growth_domain * domain)
{
    growth_t v, factor;
    fmpq_t scale;
    arb_t c;
    fmpz limit = 256; /* a small number is itself */
    int sign, is_integer = fmpz_is_one(fmpq_denref(q));

    if (is_integer && fmpq_sgn(q) > 0 && fmpz_cmp_si(fmpq_numref(q), POWER_LIMIT) <= 0)
    {
        integer_power(res, a, fmpz_get_si(fmpq_numref(q)), domain);
        return;
    }
    sign = growth_sign(a, domain);
    if (!a->known || sign == 0 || (sign < 0 && !is_integer))
    {
        growth_unknown(res);
        return;
    }
    growth_init(v);
    growth_init(factor);
    fmpq_init(scale);
    arb_init(c);
    normalise_coefficient(scale, v, a, domain);
    apply_bounded(v, caustic_power(domain->pool, domain->symbol, q), v, domain);
    if (is_integer && fmpz_cmpabs(fmpq_numref(q), &limit) <= 0)
    {
        fmpq_pow_si(scale, scale, fmpz_get_si(fmpq_numref(q)));
        growth_set_fmpq(factor, scale);
    }
    else
    {
        arb_set_fmpq(c, scale, domain->prec);
        arb_pow_fmpq(c, c, q, domain->prec);
        growth_set_constant(factor, c);
    }
    growth_mul(v, v, factor, domain);
    /* the monomial itself */
    growth_set_power(factor, 1, 0);
    for (slong i = 0; i < GROWTH_EXPONENTS; i++)
        fmpq_mul(factor->terms->exponent[i], a->terms->exponent[i], q);
    growth_mul(res, v, factor, domain);
    growth_clear(v);
    growth_clear(factor);
    fmpq_clear(scale);
    arb_clear(c);
}

/* log(m c (1 + e)) = log m + log c + log(1 + e) */
static void
growth_log(growth_t res, const growth_t a, const growth_domain * domain)
{
    static const slong powers[][2] = { { GROWTH_SQUARE, 2 }, { GROWTH_RATE, 1 } };
    growth_t v, part, factor;
    fmpq_t scale;
    arb_t c;

    if (growth_sign(a, domain) <= 0 || !fmpq_is_zero(a->terms->exponent[GROWTH_LOG]))
    {
        growth_unknown(res);
        return;
    }
    growth_init(v);
    growth_init(part);
    growth_init(factor);
    fmpq_init(scale);
    arb_init(c);
    normalise_coefficient(scale, v, a, domain);
    apply_op_bounded(v, CAUSTIC_OP_LOG, v, domain);
    if (!fmpq_is_one(scale))
    {
        arb_set_fmpq(c, scale, domain->prec);
        arb_log(c, c, domain->prec);
        growth_set_constant(part, c);
        growth_add(v, v, part, domain);
    }
    for (slong i = 0; i < 2; i++)
    {
        growth_set_power(part, 1, powers[i][1]);
        growth_set_fmpq(factor, a->terms->exponent[powers[i][0]]);
        growth_mul(part, part, factor, domain);
        growth_add(v, v, part, domain);
    }
    growth_set_power(part, 1, 0);
    fmpq_one(part->terms->exponent[GROWTH_LOG]);
    growth_set_fmpq(factor, a->terms->exponent[GROWTH_POWER]);
    growth_mul(part, part, factor, domain);
    growth_add(res, v, part, domain);
    growth_clear(v);
    growth_clear(part);
    growth_clear(factor);
    fmpq_clear(scale);
    arb_clear(c);
}

/* x^2, x and log x, whose exponentials are monomials again. */
static const struct
{
    slong power;
    slong log;
    int filled;
}
shapes[3] = { { 2, 0, GROWTH_SQUARE }, { 1, 0, GROWTH_RATE }, { 0, 1, GROWTH_POWER } };

/* Which exponent of exp(term) the term fills: that of x^2, x or log x; -1: none of them. */
static int
exponent_filled(const growth_term * term)
{
    growth_term shape;
    int filled = -1;

    term_init(&shape);
    for (slong i = 0; i < 3; i++)
    {
        fmpq_set_si(shape.exponent[GROWTH_POWER], shapes[i].power, 1);
        fmpq_set_si(shape.exponent[GROWTH_LOG], shapes[i].log, 1);
        if (monomial_compare(term, &shape) == 0)
            filled = shapes[i].filled;
    }
    term_clear(&shape);
    return filled;
}

/* A growing term M = m c with certain c < 0, of another shape: for the fastest n among x^2, x, log x with n/m not increasing,
   m >= n m(X)/n(X), so exp(M) <= exp(-b n) for every b <= |c| m(X)/n(X). */
static int
bound_exponential(growth_term * res, const growth_term * term, const growth_domain * domain)
{
    growth_term n;
    arb_t c, range;
    arf_t bound;
    int found = 0;

    term_init(&n);
    arb_init(c);
    arb_init(range);
    arf_init(bound);
    term_coefficient(c, term, domain->prec);
    for (slong i = 0; i < 3 && !found && arb_is_negative(c); i++)
    {
        fmpq_set_si(n.exponent[GROWTH_POWER], shapes[i].power, 1);
        fmpq_set_si(n.exponent[GROWTH_LOG], shapes[i].log, 1);
        if (!quotient_range(range, &n, term, domain))
            continue;
        /* the range is [0, n(X)/m(X)] */
        arb_get_ubound_arf(bound, range, domain->prec);
        arb_set_arf(range, bound);
        arb_div(range, c, range, domain->prec);
        /* upwards: c/range is negative, and less steep is safe */
        arb_get_ubound_arf(bound, range, 30);
        found = arf_is_finite(bound) && arf_sgn(bound) < 0 && arf_cmpabs_2exp_si(bound, 4096) < 0
            && arf_cmpabs_2exp_si(bound, -4096) > 0;
        if (found)
        {
            arf_get_fmpq(res->exponent[shapes[i].filled], bound);
            arb_unit_interval(res->varying);
        }
    }
    term_clear(&n);
    arb_clear(c);
    arb_clear(range);
    arf_clear(bound);
    return found;
}

/* exp of one growing term */
static int
exponential_of_term(growth_term * res, const growth_term * term, const growth_domain * domain)
{
    int filled = exponent_filled(term), known = 1;
    arb_t c;
    arf_t upper;

    if (filled < 0)
        return bound_exponential(res, term, domain);
    if (arb_is_zero(term->constant) && arb_is_zero(term->varying))
    {
        fmpq_one(res->rational);
        fmpq_set(res->exponent[filled], term->rational);
        return 1;
    }
    /* x^2, x, log x are positive: an upper bound of the coefficient gives an upper bound */
    arb_init(c);
    arf_init(upper);
    term_coefficient(c, term, domain->prec);
    arb_get_ubound_arf(upper, c, domain->prec);
    known = arf_is_finite(upper) && arf_cmpabs_2exp_si(upper, 4096) < 0;
    if (known)
    {
        arf_get_fmpq(res->exponent[filled], upper);
        arb_unit_interval(res->varying);
    }
    arb_clear(c);
    arf_clear(upper);
    return known;
}

/* exp of the growing terms one by one, times exp of the bounded rest */
static void
growth_exp(growth_t res, const growth_t a, const growth_domain * domain)
{
    growth_t rest, product, factor;
    growth_term number;
    int known = a->known;

    growth_init(rest);
    growth_init(product);
    growth_init(factor);
    term_init(&number);
    growth_set(rest, a);
    growth_set_power(product, 1, 0);
    while (known && growth_order(rest) > 0)
    {
        growth_allocate(factor, 1);
        known = exponential_of_term(factor->terms, rest->terms, domain);
        growth_mul(product, product, factor, domain);
        remove_term(rest, 0);
    }
    /* exp(c + e) = exp(c) exp(e), with the rational coefficients of exp at 0 */
    if (known && growth_order(rest) == 0 && arb_is_zero(rest->terms->varying))
    {
        term_number(number.constant, rest->terms, domain->prec);
        arb_exp(number.constant, number.constant, domain->prec);
        growth_set_constant(factor, number.constant);
        growth_mul(product, product, factor, domain);
        remove_term(rest, 0);
    }
    if (known)
    {
        apply_op_bounded(rest, CAUSTIC_OP_EXP, rest, domain);
        growth_mul(res, product, rest, domain);
    }
    else
        growth_unknown(res);
    growth_clear(rest);
    growth_clear(product);
    growth_clear(factor);
    term_clear(&number);
}

/* res = x + c y */
static void
add_multiple(growth_t res, const growth_t x, slong c, const growth_t y, const growth_domain * domain)
{
    growth_t factor, product;

    growth_init(factor);
    growth_init(product);
    growth_set_power(factor, c, 0);
    growth_mul(product, factor, y, domain);
    growth_add(res, x, product, domain);
    growth_clear(factor);
    growth_clear(product);
}

/* 1/(1 + exp(-a)) for a -> +inf, exp(a)/(1 + exp(a)) for a -> -inf; the sign is a's. */
static void
growing_sigmoid(growth_t res, const growth_t a, int sign, const growth_domain * domain)
{
    growth_t small, one, sum;
    fmpq_t minus;

    growth_init(small);
    growth_init(one);
    growth_init(sum);
    fmpq_init(minus);
    fmpq_set_si(minus, -1, 1);
    growth_set_power(one, 1, 0);
    add_multiple(small, sum, -sign, a, domain);
    growth_exp(small, small, domain);
    growth_add(sum, one, small, domain);
    growth_rational_power(sum, sum, minus, domain);
    if (sign < 0)
        growth_mul(sum, sum, small, domain);
    growth_swap(res, sum);
    growth_clear(small);
    growth_clear(one);
    growth_clear(sum);
    fmpq_clear(minus);
}

static void
growing_tanh(growth_t res, const growth_t a, int sign, const growth_domain * domain)
{
    growth_t twice, minus, zero;

    growth_init(twice);
    growth_init(minus);
    growth_init(zero);
    growth_set_power(minus, -1, 0);
    add_multiple(twice, zero, 2, a, domain);
    growing_sigmoid(twice, twice, sign, domain);
    add_multiple(res, minus, 2, twice, domain);
    growth_clear(twice);
    growth_clear(minus);
    growth_clear(zero);
}

/* log(1 + exp(-|a|)), and a more where a is positive */
static void
growing_softplus(growth_t res, const growth_t a, int sign, const growth_domain * domain)
{
    growth_t small, one;

    growth_init(small);
    growth_init(one);
    add_multiple(small, small, -sign, a, domain);
    growth_exp(small, small, domain);
    growth_set_power(one, 1, 0);
    growth_add(one, one, small, domain);
    growth_log(one, one, domain);
    if (sign > 0)
        growth_add(one, one, a, domain);
    growth_swap(res, one);
    growth_clear(small);
    growth_clear(one);
}

/* (exp(a) + c exp(-a))/2 */
static void
growing_hyperbolic(growth_t res, const growth_t a, slong c, const growth_domain * domain)
{
    growth_t up, down, half;
    fmpq_t q;

    growth_init(up);
    growth_init(down);
    growth_init(half);
    fmpq_init(q);
    fmpq_set_si(q, 1, 2);
    growth_set_fmpq(half, q);
    growth_neg(down, a);
    growth_exp(down, down, domain);
    growth_exp(up, a, domain);
    add_multiple(up, up, c, down, domain);
    growth_mul(res, up, half, domain);
    growth_clear(up);
    growth_clear(down);
    growth_clear(half);
    fmpq_clear(q);
}

/* atan(a) = +-pi/2 - atan(1/a) */
static void
growing_atan(growth_t res, const growth_t a, int sign, const growth_domain * domain)
{
    growth_t inverse, right;
    fmpq_t minus;
    arb_t c;

    growth_init(inverse);
    growth_init(right);
    fmpq_init(minus);
    arb_init(c);
    fmpq_set_si(minus, -1, 1);
    growth_rational_power(inverse, a, minus, domain);
    apply_op_bounded(inverse, CAUSTIC_OP_ATAN, inverse, domain);
    arb_const_pi(c, domain->prec);
    arb_mul_2exp_si(c, c, -1);
    arb_mul_si(c, c, sign, domain->prec);
    growth_set_constant(right, c);
    growth_sub(res, right, inverse, domain);
    growth_clear(inverse);
    growth_clear(right);
    fmpq_clear(minus);
    arb_clear(c);
}

/* Encloses |a| from below by its least value: growing, |a| >= m(X) inf |c|. */
static int
growing_lower_bound(arf_t bound, const growth_t a, const growth_domain * domain)
{
    growth_term one;
    arb_t c, range;
    int known;

    arb_init(c);
    arb_init(range);
    term_init(&one);
    known = growth_leading(c, a, domain) && quotient_range(range, &one, a->terms, domain);
    if (known)
    {
        /* the range is [0, 1/m(X)] */
        arb_get_ubound_arf(bound, range, domain->prec);
        arb_set_arf(range, bound);
        arb_abs(c, c);
        arb_div(c, c, range, domain->prec);
        arb_get_lbound_arf(bound, c, domain->prec);
        known = arf_is_finite(bound) && arf_sgn(bound) > 0;
    }
    arb_clear(c);
    arb_clear(range);
    term_clear(&one);
    return known;
}

/* erf(a) = +-(1 - erfc(v)), v = |a|, and v exp(v^2) erfc(v) lies in (1 - 1/(2 v^2), 1)/sqrt(pi). */
static void
growing_erf(growth_t res, const growth_t a, int sign, const growth_domain * domain)
{
    growth_t square, inverse, c, one;
    fmpq_t minus;
    arb_t range, upper;
    arf_t least;

    growth_init(square);
    growth_init(inverse);
    growth_init(c);
    growth_init(one);
    fmpq_init(minus);
    arb_init(range);
    arb_init(upper);
    arf_init(least);
    fmpq_set_si(minus, -1, 1);
    growth_set_power(one, sign, 0);
    if (growing_lower_bound(least, a, domain))
    {
        arb_set_arf(range, least);
        arb_sqr(range, range, domain->prec);
        arb_mul_2exp_si(range, range, 1);
        arb_inv(range, range, domain->prec);
        arb_sub_ui(range, range, 1, domain->prec);
        arb_neg(range, range);
        arb_one(upper);
        arb_union(range, range, upper, domain->prec);
        arb_const_pi(upper, domain->prec);
        arb_rsqrt(upper, upper, domain->prec);
        arb_mul(range, range, upper, domain->prec);
        growth_set_range(c, range);
        growth_rational_power(inverse, a, minus, domain); /* sign/v */
        growth_mul(square, a, a, domain);
        growth_neg(square, square);
        growth_exp(square, square, domain);
        growth_mul(c, c, inverse, domain);
        growth_mul(c, c, square, domain);
        growth_sub(res, one, c, domain);
    }
    else
        growth_unknown(res);
    growth_clear(square);
    growth_clear(inverse);
    growth_clear(c);
    growth_clear(one);
    fmpq_clear(minus);
    arb_clear(range);
    arb_clear(upper);
    arf_clear(least);
}

/* abs, relu and their derivatives have one branch where the argument has one sign. */
static void
apply_branch(growth_t res, caustic_op op, const growth_t a, const growth_domain * domain)
{
    int sign = growth_sign(a, domain);

    if (sign == 0)
        growth_unknown(res);
    else if (op == CAUSTIC_OP_SIGN)
        growth_set_power(res, sign, 0);
    else if (sign < 0 && op == CAUSTIC_OP_ABS)
        growth_neg(res, a);
    else if (sign < 0)
        growth_zero(res);
    else if (op == CAUSTIC_OP_STEP)
        growth_set_power(res, 1, 0);
    else
        growth_set(res, a);
}

static void
apply_growing(growth_t res, caustic_op op, const growth_t a, int sign, const growth_domain * domain)
{
    arb_t range;

    switch (op)
    {
        case CAUSTIC_OP_SINH:
            growing_hyperbolic(res, a, -1, domain);
            return;
        case CAUSTIC_OP_COSH:
            growing_hyperbolic(res, a, 1, domain);
            return;
        case CAUSTIC_OP_SIN:
        case CAUSTIC_OP_COS:
            arb_init(range);
            mag_one(arb_radref(range));
            growth_set_range(res, range);
            arb_clear(range);
            return;
        default:
            break;
    }
    if (sign == 0)
        growth_unknown(res);
    else if (op == CAUSTIC_OP_SIGMOID)
        growing_sigmoid(res, a, sign, domain);
    else if (op == CAUSTIC_OP_TANH)
        growing_tanh(res, a, sign, domain);
    else if (op == CAUSTIC_OP_SOFTPLUS)
        growing_softplus(res, a, sign, domain);
    else if (op == CAUSTIC_OP_ATAN)
        growing_atan(res, a, sign, domain);
    else if (op == CAUSTIC_OP_ERF)
        growing_erf(res, a, sign, domain);
    else
        growth_unknown(res);
}

void
growth_function(growth_t res, caustic_op op, const growth_t a, const growth_domain * domain)
{
    if (!a->known)
        growth_unknown(res);
    else if (op == CAUSTIC_OP_ABS || op == CAUSTIC_OP_RELU || op == CAUSTIC_OP_SIGN || op == CAUSTIC_OP_STEP)
        apply_branch(res, op, a, domain);
    else if (op == CAUSTIC_OP_EXP)
        growth_exp(res, a, domain);
    else if (op == CAUSTIC_OP_LOG)
        growth_log(res, a, domain);
    else if (growth_order(a) > 0)
        apply_growing(res, op, a, growth_sign(a, domain), domain);
    else
        apply_op_bounded(res, op, a, domain);
}
