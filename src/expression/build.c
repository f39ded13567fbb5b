/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    build: sums, products, powers and functions in canonical form.

    Every rule here keeps the domain as well as the values [EXPR-1]. Powers of one base x in a
    product are kept as the pair (s, D) of the sum of the exponents and the intersection of the
    domains: x^s alone where its domain is D, else two factors that together have the domain D.
*/

#include <stdlib.h>
#include <string.h>
#include <flint/fmpz_factor.h>
#include "expression/pool_internal.h"

/* 0, 0*log(x), and sums of such: 0 wherever they are defined. */
static int is_disguised_zero(const caustic_pool * pool, caustic_expr e)
{
    const caustic_expr * terms = &e;
    slong i, length = 1;

    if (pool_op(pool, e) == CAUSTIC_OP_SUM)
    {
        terms = pool_children(pool, e);
        length = caustic_expr_arity(pool, e);
    }
    for (i = 0; i < length; i++)
        if (!pool_is_zero(pool, terms[i]) && !(pool_op(pool, terms[i]) == CAUSTIC_OP_PRODUCT
            && pool_is_zero(pool, pool_child(pool, terms[i]))))
            return 0;
    return 1;
}

/* Lists of base and exponent *********************************************************************/

typedef struct
{
    caustic_expr base;
    int domain; /* conditions on the base that all its exponents ask for */
    fmpq_t exponent;
}
factor_entry;

typedef struct
{
    factor_entry * entries;
    slong length;
    slong capacity;
    fmpq_t coefficient;
    int too_large; /* the coefficient went beyond the limit */
}
factor_list;

typedef struct
{
    caustic_expr * entries;
    slong length;
    slong capacity;
}
expr_list;

static void expr_list_add(expr_list * list, caustic_expr e)
{
    if (list->length == list->capacity)
    {
        list->capacity = FLINT_MAX(8, 2 * list->capacity);
        list->entries = flint_realloc(list->entries, list->capacity * sizeof(caustic_expr));
    }
    list->entries[list->length++] = e;
}

static void factor_list_init(factor_list * list)
{
    memset(list, 0, sizeof(factor_list));
    fmpq_init(list->coefficient);
    fmpq_one(list->coefficient);
}

static void factor_list_clear(factor_list * list)
{
    slong i;

    for (i = 0; i < list->length; i++)
        fmpq_clear(list->entries[i].exponent);
    flint_free(list->entries);
    fmpq_clear(list->coefficient);
}

static void factor_list_add(factor_list * list, caustic_expr base, const fmpq_t exponent, int domain)
{
    factor_entry * entry;

    if (list->length == list->capacity)
    {
        list->capacity = FLINT_MAX(8, 2 * list->capacity);
        list->entries = flint_realloc(list->entries, list->capacity * sizeof(factor_entry));
    }
    entry = list->entries + list->length++;
    entry->base = base;
    entry->domain = domain;
    fmpq_init(entry->exponent);
    fmpq_set(entry->exponent, exponent);
}

static void multiply_coefficient(factor_list * list, const fmpq_t c, const caustic_pool * pool)
{
    if (list->too_large)
        return;
    fmpq_mul(list->coefficient, list->coefficient, c);
    if (fmpz_bits(fmpq_numref(list->coefficient)) > pool->number_bits
        || fmpz_bits(fmpq_denref(list->coefficient)) > pool->number_bits)
        list->too_large = 1;
}

static int exponent_too_large(const caustic_pool * pool, const fmpq_t e)
{
    return fmpz_cmpabs(fmpq_numref(e), fmpq_denref(e)) > 0
        ? fmpz_cmp_ui(fmpq_denref(e), pool->exponent_limit) > 0 || fmpz_bits(fmpq_numref(e)) > 60
            || (ulong) FLINT_ABS(fmpz_get_si(fmpq_numref(e))) > pool->exponent_limit
        : fmpz_cmp_ui(fmpq_denref(e), pool->exponent_limit) > 0;
}

static int is_integer(const fmpq_t e)
{
    return fmpz_is_one(fmpq_denref(e));
}

static int is_even_integer(const fmpq_t e)
{
    return is_integer(e) && fmpz_is_even(fmpq_numref(e));
}

/* Powers of numbers ******************************************************************************/

/* coefficient *= n^k; the size is known before anything is computed. */
static void multiply_integer_power(factor_list * list, const fmpz_t n, const fmpz_t k, const caustic_pool * pool)
{
    fmpq_t c;

    if (fmpz_is_zero(k) || fmpz_is_one(n))
        return;
    if (fmpz_bits(k) > 40 || (fmpz_bits(n) - 1) * (ulong) FLINT_ABS(fmpz_get_si(k)) > pool->number_bits)
    {
        list->too_large = 1;
        return;
    }
    fmpq_init(c);
    fmpz_pow_ui(fmpq_numref(c), n, (ulong) FLINT_ABS(fmpz_get_si(k)));
    if (fmpz_sgn(k) < 0)
        fmpq_inv(c, c);
    multiply_coefficient(list, c, pool);
    fmpq_clear(c);
}

/* Appends n^e for n > 0, as rational times radical with the exponent between 0 and 1. */
static void add_radical(factor_list * list, caustic_pool * pool, const fmpz_t n, const fmpq_t e)
{
    fmpz_t whole;
    fmpq_t rest, base;

    fmpz_init(whole);
    fmpq_init(rest);
    fmpq_init(base);
    fmpz_fdiv_q(whole, fmpq_numref(e), fmpq_denref(e));
    fmpq_sub_fmpz(rest, e, whole);
    multiply_integer_power(list, n, whole, pool);
    if (!fmpq_is_zero(rest) && !fmpz_is_one(n))
    {
        fmpz_set(fmpq_numref(base), n);
        factor_list_add(list, pool_make(pool, CAUSTIC_OP_NUMBER, NULL, 0, base), rest, DOMAIN_ALL);
    }
    fmpz_clear(whole);
    fmpq_clear(rest);
    fmpq_clear(base);
}

#define RADICAL_PRIMES 1229 /* the primes below 10000 */

/* Appends n^e for n > 0. Small primes get a radical each, so that radicals do not depend on each
   other (sqrt(6) is sqrt(2)*sqrt(3)); what is left is freed of perfect powers, and taken apart once
   more where it fits a word: then a radical that is printed reads back as itself. */
static void add_integer_power(factor_list * list, caustic_pool * pool, const fmpz_t n, const fmpq_t e)
{
    fmpz_factor_t primes;
    fmpz_t root, rest;
    fmpq_t exponent;
    slong i;

    if (is_integer(e))
    {
        multiply_integer_power(list, n, fmpq_numref(e), pool);
        return;
    }
    fmpz_factor_init(primes);
    fmpz_init(root);
    fmpz_init(rest);
    fmpq_init(exponent);
    if (fmpz_abs_fits_ui(n))
        fmpz_factor(primes, n);
    else
        fmpz_factor_trial(primes, n, RADICAL_PRIMES);
    for (i = 0; i < primes->num; i++)
    {
        int k;

        fmpz_set(rest, primes->p + i);
        fmpq_mul_ui(exponent, e, primes->exp[i]);
        while (!fmpz_is_one(rest) && (k = fmpz_is_perfect_power(root, rest)) > 1)
        {
            fmpq_mul_ui(exponent, exponent, (ulong) k);
            fmpz_swap(root, rest);
        }
        if (fmpz_abs_fits_ui(rest) && !fmpz_abs_fits_ui(n)) /* this goes down once */
            add_integer_power(list, pool, rest, exponent);
        else
            add_radical(list, pool, rest, exponent);
    }
    fmpz_factor_clear(primes);
    fmpz_clear(root);
    fmpz_clear(rest);
    fmpq_clear(exponent);
}

/* Appends c^e. Returns 0, noting why, where it is not defined. */
static int add_number_power(factor_list * list, caustic_pool * pool, const fmpq_t c, const fmpq_t e)
{
    fmpq_t inverse;
    fmpz_t size;

    if (fmpq_is_zero(c))
    {
        if (fmpq_sgn(e) <= 0)
        {
            pool->failure = fmpq_is_zero(e) ? FAILURE_ZERO_TO_ZERO : FAILURE_DIVISION_BY_ZERO;
            return 0;
        }
        fmpq_zero(list->coefficient);
        return 1;
    }
    if (fmpq_sgn(c) < 0 && !is_integer(e))
    {
        pool->failure = FAILURE_ROOT_OF_NEGATIVE;
        return 0;
    }
    fmpz_init(size);
    fmpq_init(inverse);
    fmpz_abs(size, fmpq_numref(c));
    add_integer_power(list, pool, size, e);
    fmpq_neg(inverse, e);
    add_integer_power(list, pool, fmpq_denref(c), inverse);
    if (fmpq_sgn(c) < 0 && !is_even_integer(e))
        fmpq_neg(list->coefficient, list->coefficient);
    fmpz_clear(size);
    fmpq_clear(inverse);
    return 1;
}

/* Sums *******************************************************************************************/

/* The numeric coefficient of a term (NULL: 1), and the term without it. */
static const fmpq * split_term(caustic_expr * rest, caustic_pool * pool, caustic_expr term)
{
    const caustic_expr * children = pool_children(pool, term);
    slong arity = caustic_expr_arity(pool, term);
    const fmpq * coefficient;

    *rest = term;
    if (pool_op(pool, term) != CAUSTIC_OP_PRODUCT || !pool_is_number(pool, children[0]))
        return NULL;
    coefficient = pool_get(pool, children[0])->value;
    if (arity == 2)
    {
        *rest = children[1];
    }
    else
    {
        caustic_expr * copy = flint_malloc(arity * sizeof(caustic_expr));

        memcpy(copy, children, arity * sizeof(caustic_expr));
        *rest = pool_make(pool, CAUSTIC_OP_PRODUCT, copy + 1, arity - 1, NULL);
        flint_free(copy);
    }
    return coefficient;
}

/* c * rest for a rest that carries no coefficient and is no sum. */
static caustic_expr attach_coefficient(caustic_pool * pool, const fmpq_t c, caustic_expr rest)
{
    caustic_expr * factors, result;
    slong arity = 1;

    if (fmpq_is_one(c))
        return rest;
    if (pool_op(pool, rest) == CAUSTIC_OP_PRODUCT)
        arity = caustic_expr_arity(pool, rest);
    factors = flint_malloc((arity + 1) * sizeof(caustic_expr));
    factors[0] = caustic_number(pool, c);
    if (factors[0] == CAUSTIC_NONE)
    {
        flint_free(factors);
        return CAUSTIC_NONE;
    }
    if (fmpq_is_zero(c)) /* the product rules decide what of the domain has to stay */
    {
        factors[1] = rest;
        result = caustic_product(pool, factors, 2);
    }
    else
    {
        if (pool_op(pool, rest) == CAUSTIC_OP_PRODUCT)
            memcpy(factors + 1, pool_children(pool, rest), arity * sizeof(caustic_expr));
        else
            factors[1] = rest;
        result = pool_make(pool, CAUSTIC_OP_PRODUCT, factors, arity + 1, NULL);
    }
    flint_free(factors);
    return result;
}

/* All terms, sums among them replaced by theirs. */
static slong flatten(caustic_expr ** flat, const caustic_pool * pool, caustic_op op,
    const caustic_expr * parts, slong length)
{
    slong i, count = 0;

    for (i = 0; i < length; i++)
        count += pool_op(pool, parts[i]) == op ? caustic_expr_arity(pool, parts[i]) : 1;
    *flat = flint_malloc(FLINT_MAX(count, 1) * sizeof(caustic_expr));
    count = 0;
    for (i = 0; i < length; i++)
    {
        if (pool_op(pool, parts[i]) == op)
        {
            memcpy(*flat + count, pool_children(pool, parts[i]),
                caustic_expr_arity(pool, parts[i]) * sizeof(caustic_expr));
            count += caustic_expr_arity(pool, parts[i]);
        }
        else
        {
            (*flat)[count++] = parts[i];
        }
    }
    return count;
}

static int any_none(const caustic_expr * parts, slong length)
{
    slong i;

    for (i = 0; i < length; i++)
        if (parts[i] == CAUSTIC_NONE)
            return 1;
    return 0;
}

static int number_in_limits(const caustic_pool * pool, const fmpq_t c)
{
    return fmpz_bits(fmpq_numref(c)) <= pool->number_bits && fmpz_bits(fmpq_denref(c)) <= pool->number_bits;
}

/* Terms with the same rest are collected; what cancels leaves 0 * rest unless rest is defined
   everywhere. */
caustic_expr caustic_sum(caustic_pool * pool, const caustic_expr * terms, slong length)
{
    caustic_expr * flat, result = CAUSTIC_NONE;
    expr_list out = { NULL, 0, 0 };
    pool_item * items;
    const fmpq ** coefficients;
    fmpq_t constant, c;
    slong i, j, count, rests = 0;
    int fine = 1, again = 0;

    if (any_none(terms, length))
        return CAUSTIC_NONE;
    fmpq_init(constant);
    fmpq_init(c);
    count = flatten(&flat, pool, CAUSTIC_OP_SUM, terms, length);
    items = flint_malloc(FLINT_MAX(count, 1) * sizeof(pool_item));
    coefficients = flint_malloc(FLINT_MAX(count, 1) * sizeof(fmpq *));

    for (i = 0; i < count && fine; i++)
    {
        if (pool_is_number(pool, flat[i]))
        {
            fmpq_add(constant, constant, pool_get(pool, flat[i])->value);
            fine = number_in_limits(pool, constant);
            continue;
        }
        coefficients[rests] = split_term(&items[rests].expr, pool, flat[i]);
        items[rests].index = rests;
        rests++;
    }
    pool_sort(items, rests, pool_compare_terms, pool);

    expr_list_add(&out, CAUSTIC_NONE); /* the place of the constant */
    for (i = 0; i < rests && fine; i = j)
    {
        caustic_expr term;

        fmpq_zero(c);
        for (j = i; j < rests && items[j].expr == items[i].expr && fine; j++)
        {
            const fmpq * d = coefficients[items[j].index];

            if (d == NULL)
                fmpq_add_si(c, c, 1);
            else
                fmpq_add(c, c, d);
            fine = number_in_limits(pool, c);
        }
        if (!fine)
            break;
        term = attach_coefficient(pool, c, items[i].expr);
        if (term == CAUSTIC_NONE)
            fine = 0;
        else if (!pool_is_zero(pool, term))
            expr_list_add(&out, term);
        if (fine && fmpq_is_zero(c) && !pool_is_zero(pool, term))
        {
            /* 0*z*log(z) became 0*log(z), which may have another log(z) to be collected with */
            caustic_expr rest;

            split_term(&rest, pool, term);
            again |= rest != items[i].expr;
        }
    }

    if (!fine)
        result = pool_fail(pool, FAILURE_NUMBER_TOO_LARGE);
    else if (out.length == 1)
        result = caustic_number(pool, constant);
    else if (again)
    {
        out.entries[0] = caustic_number(pool, constant);
        result = caustic_sum(pool, out.entries, out.length); /* what had to be left out is out now */
    }
    else if (fmpq_is_zero(constant))
        result = out.length == 2 ? out.entries[1]
            : pool_make(pool, CAUSTIC_OP_SUM, out.entries + 1, out.length - 1, NULL);
    else if ((out.entries[0] = caustic_number(pool, constant)) != CAUSTIC_NONE)
        result = pool_make(pool, CAUSTIC_OP_SUM, out.entries, out.length, NULL);

    flint_free(out.entries);
    flint_free(flat);
    flint_free(items);
    flint_free(coefficients);
    fmpq_clear(constant);
    fmpq_clear(c);
    return result;
}

/* c * sum, term by term. */
static caustic_expr distribute(caustic_pool * pool, const fmpq_t c, caustic_expr sum)
{
    slong i, arity = caustic_expr_arity(pool, sum);
    caustic_expr * terms, result = CAUSTIC_NONE;
    fmpq_t d;

    if (fmpq_is_one(c))
        return sum;
    fmpq_init(d);
    terms = flint_malloc(arity * sizeof(caustic_expr));
    memcpy(terms, pool_children(pool, sum), arity * sizeof(caustic_expr));
    for (i = 0; i < arity; i++)
    {
        if (pool_is_number(pool, terms[i]))
        {
            fmpq_mul(d, c, pool_get(pool, terms[i])->value);
            terms[i] = caustic_number(pool, d);
        }
        else
        {
            caustic_expr rest;
            const fmpq * coefficient = split_term(&rest, pool, terms[i]);

            if (coefficient == NULL)
                fmpq_set(d, c);
            else
                fmpq_mul(d, c, coefficient);
            terms[i] = attach_coefficient(pool, d, rest);
        }
    }
    result = caustic_sum(pool, terms, arity);
    flint_free(terms);
    fmpq_clear(d);
    return result;
}

/* The positive rational c for which sum/c has coprime integer coefficients. */
static void sum_content(fmpq_t content, const caustic_pool * pool, caustic_expr sum)
{
    slong i, arity = caustic_expr_arity(pool, sum);
    const caustic_expr * terms = pool_children(pool, sum);

    fmpz_zero(fmpq_numref(content));
    fmpz_one(fmpq_denref(content));
    for (i = 0; i < arity; i++)
    {
        const fmpq * c = NULL;

        if (pool_is_number(pool, terms[i]))
            c = pool_get(pool, terms[i])->value;
        else if (pool_op(pool, terms[i]) == CAUSTIC_OP_PRODUCT && pool_is_number(pool, pool_child(pool, terms[i])))
            c = pool_get(pool, pool_child(pool, terms[i]))->value;
        if (c == NULL)
        {
            fmpz_gcd_ui(fmpq_numref(content), fmpq_numref(content), 1);
        }
        else
        {
            fmpz_gcd(fmpq_numref(content), fmpq_numref(content), fmpq_numref(c));
            fmpz_lcm(fmpq_denref(content), fmpq_denref(content), fmpq_denref(c));
            if (fmpz_bits(fmpq_denref(content)) > pool->number_bits)
                break;
        }
    }
    if (i < arity || fmpz_is_zero(fmpq_numref(content)))
        fmpq_one(content);
}

int pool_leads_with_minus(const caustic_pool * pool, caustic_expr e)
{
    if (pool_op(pool, e) == CAUSTIC_OP_SUM)
    {
        const caustic_expr * terms = pool_children(pool, e);

        e = pool_is_number(pool, terms[0]) ? terms[1] : terms[0];
    }
    if (pool_op(pool, e) == CAUSTIC_OP_PRODUCT)
        e = pool_child(pool, e);
    return pool_is_number(pool, e) && fmpq_sgn(pool_get(pool, e)->value) < 0;
}

/* Products ***************************************************************************************/

/* exp(c*r) counts as exp(r)^c. */
static void add_exponential(factor_list * list, caustic_pool * pool, caustic_expr e, const fmpq_t power)
{
    caustic_expr argument = pool_child(pool, e), rest;
    const fmpq * c = split_term(&rest, pool, argument);
    fmpq_t exponent;

    if (c == NULL || fmpq_is_zero(c))
    {
        factor_list_add(list, e, power, DOMAIN_ALL);
        return;
    }
    fmpq_init(exponent);
    fmpq_mul(exponent, c, power);
    factor_list_add(list, pool_make(pool, CAUSTIC_OP_EXP, &rest, 1, NULL), exponent, DOMAIN_ALL);
    fmpq_clear(exponent);
}

/* Splits one factor, which is no product, into the list. Returns 0 where the product is nowhere
   defined. */
static int add_factor(factor_list * list, caustic_pool * pool, caustic_expr e)
{
    int fine = 1;
    fmpq_t one;

    fmpq_init(one);
    fmpq_one(one);
    switch (pool_op(pool, e))
    {
        case CAUSTIC_OP_NUMBER:
            multiply_coefficient(list, pool_get(pool, e)->value, pool);
            break;
        case CAUSTIC_OP_POWER:
        {
            caustic_expr base = pool_child(pool, e);
            const fmpq * exponent = pool_get(pool, e)->value;

            factor_list_add(list, base, exponent, pool_power_domain(pool, base, exponent));
            break;
        }
        case CAUSTIC_OP_EXP:
            add_exponential(list, pool, e, one);
            break;
        case CAUSTIC_OP_SUM: /* 2x + 2y is 2*(x + y) beside other factors */
        {
            fmpq_t content, inverse;
            caustic_expr primitive;

            fmpq_init(content);
            fmpq_init(inverse);
            sum_content(content, pool, e);
            fmpq_inv(inverse, content);
            primitive = distribute(pool, inverse, e);
            multiply_coefficient(list, content, pool);
            if (primitive == CAUSTIC_NONE)
                fine = 0;
            else
                factor_list_add(list, primitive, one, DOMAIN_ALL);
            fmpq_clear(content);
            fmpq_clear(inverse);
            break;
        }
        case CAUSTIC_OP_SIGN: case CAUSTIC_OP_STEP: /* abs(x)/x and relu(x)/x */
        {
            caustic_expr argument = pool_child(pool, e), inverse;
            caustic_op op = pool_op(pool, e) == CAUSTIC_OP_SIGN ? CAUSTIC_OP_ABS : CAUSTIC_OP_RELU;

            factor_list_add(list, pool_make(pool, op, &argument, 1, NULL), one, DOMAIN_ALL);
            if (pool_op(pool, argument) == CAUSTIC_OP_PRODUCT) /* -x */
            {
                fmpq_neg(list->coefficient, list->coefficient);
                argument = pool_children(pool, argument)[1];
            }
            inverse = caustic_power_si(pool, argument, -1);
            if (inverse == CAUSTIC_NONE)
                fine = 0;
            else if (pool_op(pool, inverse) == CAUSTIC_OP_POWER)
                factor_list_add(list, pool_child(pool, inverse), pool_get(pool, inverse)->value,
                    pool_power_domain(pool, pool_child(pool, inverse), pool_get(pool, inverse)->value));
            break;
        }
        default:
            factor_list_add(list, e, one, DOMAIN_ALL);
            break;
    }
    fmpq_clear(one);
    return fine;
}

static int compare_bases(const void * a, const void * b)
{
    caustic_expr x = ((const factor_entry *) a)->base, y = ((const factor_entry *) b)->base;

    return (x > y) - (x < y);
}

/* base^s as one node, for s other than 0, with the rules that a power of a canonical base needs. */
static caustic_expr reduced_power(caustic_pool * pool, caustic_expr base, const fmpq_t s)
{
    switch (pool_op(pool, base))
    {
        case CAUSTIC_OP_SYMBOL: case CAUSTIC_OP_PI:
            return fmpq_is_one(s) ? base : pool_make(pool, CAUSTIC_OP_POWER, &base, 1, s);
        default:
            return caustic_power(pool, base, s);
    }
}

static int add_power(expr_list * out, caustic_pool * pool, caustic_expr base, const fmpq_t s)
{
    caustic_expr e;

    if (fmpq_is_one(s))
        e = base;
    else
        e = reduced_power(pool, base, s);
    if (e == CAUSTIC_NONE)
        return 0;
    expr_list_add(out, e);
    return 1;
}

/* base^s on the domain D, as one factor or two [EXPR-1]. */
static int emit(expr_list * out, caustic_pool * pool, caustic_expr base, const fmpq_t s, int domain)
{
    fmpq_t first, second;
    int fine;

    domain = pool_domain_reduce(pool, base, domain);
    if (exponent_too_large(pool, s) && pool_op(pool, base) != CAUSTIC_OP_EXP)
    {
        pool->failure = FAILURE_EXPONENT_TOO_LARGE;
        return 0;
    }
    if (!fmpq_is_zero(s) && pool_power_domain(pool, base, s) == domain)
        return add_power(out, pool, base, s);
    if (fmpq_is_zero(s) && domain == DOMAIN_ALL && pool_has(pool, base, FLAG_TOTAL))
        return 1;

    fmpq_init(first);
    fmpq_init(second);
    if (domain == DOMAIN_POSITIVE)
        fmpq_set_si(second, -1, 2);
    else if (domain == DOMAIN_NONNEGATIVE)
        fmpq_set_si(second, 1, 2);
    else
        fmpq_set_si(second, -1, 1);
    fmpq_sub(first, s, second);
    fine = add_power(out, pool, base, first) && add_power(out, pool, base, second);
    fmpq_clear(first);
    fmpq_clear(second);
    return fine;
}

static slong find_inverse(const expr_list * list, const caustic_pool * pool, caustic_expr base)
{
    slong i;

    for (i = 0; i < list->length; i++)
        if (pool_op(pool, list->entries[i]) == CAUSTIC_OP_POWER && pool_child(pool, list->entries[i]) == base
            && fmpq_cmp_si(pool_get(pool, list->entries[i])->value, -1) == 0)
            return i;
    return -1;
}

/* abs(x)/x and relu(x)/x become the nodes that stand for them; relu(-x)/x is -step(-x). */
static void recombine(expr_list * list, factor_list * factors, caustic_pool * pool)
{
    slong i, j;

    for (i = 0; i < list->length; i++)
    {
        caustic_op op = pool_op(pool, list->entries[i]);
        caustic_expr argument, atom;

        if (op != CAUSTIC_OP_ABS && op != CAUSTIC_OP_RELU)
            continue;
        argument = pool_child(pool, list->entries[i]);
        atom = argument;
        if (pool_op(pool, argument) == CAUSTIC_OP_PRODUCT)
        {
            if (caustic_expr_arity(pool, argument) != 2 || !pool_is_number(pool, pool_child(pool, argument))
                || fmpq_cmp_si(pool_get(pool, pool_child(pool, argument))->value, -1) != 0)
                continue;
            atom = pool_children(pool, argument)[1];
        }
        j = find_inverse(list, pool, atom);
        if (j < 0)
            continue;
        if (atom != argument)
            fmpq_neg(factors->coefficient, factors->coefficient);
        list->entries[i] = pool_make(pool, op == CAUSTIC_OP_ABS ? CAUSTIC_OP_SIGN : CAUSTIC_OP_STEP,
            &argument, 1, NULL);
        list->entries[j] = list->entries[list->length - 1];
        list->length--;
        i = -1;
    }
}

/* n^s for a number n: a rational goes to the coefficient, a radical to out. */
static int collect_radical(expr_list * out, factor_list * list, caustic_pool * pool, caustic_expr n, const fmpq_t s)
{
    factor_list radicals;
    slong k;
    int fine;

    factor_list_init(&radicals);
    fine = add_number_power(&radicals, pool, pool_get(pool, n)->value, s);
    multiply_coefficient(list, radicals.coefficient, pool);
    list->too_large |= radicals.too_large;
    for (k = 0; k < radicals.length && fine; k++)
        expr_list_add(out, pool_make(pool, CAUSTIC_OP_POWER, &radicals.entries[k].base, 1,
            radicals.entries[k].exponent));
    factor_list_clear(&radicals);
    return fine;
}

/* Whether out[from..] holds anything but powers of the base, which may have to be collected with the
   powers of another base. */
static int has_other_base(const expr_list * out, slong from, const caustic_pool * pool, caustic_expr base)
{
    slong i;

    if (pool_op(pool, base) == CAUSTIC_OP_EXP)
        return 0;
    for (i = from; i < out->length; i++)
    {
        caustic_expr e = out->entries[i];

        if (pool_op(pool, e) == CAUSTIC_OP_PRODUCT)
            return 1;
        if (pool_op(pool, e) == CAUSTIC_OP_POWER)
            e = pool_child(pool, e);
        if (e != base)
            return 1;
    }
    return 0;
}

/* Collects equal bases of the list into out. Sets *again where a rule made factors of another base,
   so that the result has to be collected once more. */
static int collect(expr_list * out, int * again, factor_list * list, caustic_pool * pool)
{
    slong i, j, count = list->length;
    fmpq_t s;
    int fine = 1;

    *again = 0;
    if (count > 1)
        qsort(list->entries, count, sizeof(factor_entry), compare_bases);
    fmpq_init(s);
    for (i = 0; i < count && fine; i = j)
    {
        caustic_expr base = list->entries[i].base;
        slong from = out->length;
        int domain = DOMAIN_ALL;

        fmpq_zero(s);
        for (j = i; j < count && list->entries[j].base == base; j++)
        {
            fmpq_add(s, s, list->entries[j].exponent);
            domain |= list->entries[j].domain;
        }
        if (pool_is_number(pool, base))
        {
            fine = collect_radical(out, list, pool, base, s);
        }
        else
        {
            fine = emit(out, pool, base, s, domain);
            *again |= fine && has_other_base(out, from, pool, base);
        }
    }
    fmpq_clear(s);
    return fine;
}

/* The canonical product of coefficient and factors, which are collected already. */
static caustic_expr assemble(caustic_pool * pool, const fmpq_t c, expr_list * list)
{
    caustic_expr result, * children;
    pool_item * items;
    slong i, length = list->length;

    if (fmpq_is_zero(c)) /* only what is not defined everywhere has to stay */
    {
        for (i = 0, length = 0; i < list->length; i++)
            if (!pool_has(pool, list->entries[i], FLAG_TOTAL))
                list->entries[length++] = list->entries[i];
    }
    if (length == 0)
        return caustic_number(pool, c);
    if (length == 1 && fmpq_is_one(c))
        return list->entries[0];
    if (length == 1 && pool_op(pool, list->entries[0]) == CAUSTIC_OP_SUM)
        return distribute(pool, c, list->entries[0]);

    items = flint_malloc(length * sizeof(pool_item));
    for (i = 0; i < length; i++)
        items[i].expr = list->entries[i];
    pool_sort(items, length, pool_compare_factors, pool);
    children = flint_malloc((length + 1) * sizeof(caustic_expr));
    children[0] = caustic_number(pool, c);
    for (i = 0; i < length; i++)
        children[i + 1] = items[i].expr;
    if (children[0] == CAUSTIC_NONE)
        result = CAUSTIC_NONE;
    else if (fmpq_is_one(c))
        result = pool_make(pool, CAUSTIC_OP_PRODUCT, children + 1, length, NULL);
    else
        result = pool_make(pool, CAUSTIC_OP_PRODUCT, children, length + 1, NULL);
    flint_free(items);
    flint_free(children);
    return result;
}

#define COLLECT_ROUNDS 16 /* each round takes away a level; more than two are not known to happen */

caustic_expr caustic_product(caustic_pool * pool, const caustic_expr * factors, slong length)
{
    expr_list current = { NULL, 0, 0 };
    caustic_expr result = CAUSTIC_NONE;
    int round, fine = 1, again = 1;
    slong i;

    if (any_none(factors, length))
        return CAUSTIC_NONE;
    current.length = current.capacity = flatten(&current.entries, pool, CAUSTIC_OP_PRODUCT, factors, length);
    for (round = 0; again && fine; round++)
    {
        factor_list list;
        expr_list out = { NULL, 0, 0 };

        factor_list_init(&list);
        for (i = 0; i < current.length && fine; i++)
            fine = add_factor(&list, pool, current.entries[i]);
        again = 0;
        fine = fine && collect(&out, &again, &list, pool);
        if (fine && list.too_large)
        {
            pool->failure = FAILURE_NUMBER_TOO_LARGE;
            fine = 0;
        }
        again = again && fine && round < COLLECT_ROUNDS;
        if (fine && again)
        {
            caustic_expr c = caustic_number(pool, list.coefficient);

            expr_list_add(&out, c);
            flint_free(current.entries);
            current.length = current.capacity = flatten(&current.entries, pool, CAUSTIC_OP_PRODUCT,
                out.entries, out.length);
        }
        else if (fine)
        {
            recombine(&out, &list, pool);
            result = assemble(pool, list.coefficient, &out);
        }
        factor_list_clear(&list);
        flint_free(out.entries);
    }
    flint_free(current.entries);
    return result;
}

/* Powers *****************************************************************************************/

static caustic_expr power_of_number(caustic_pool * pool, const fmpq_t c, const fmpq_t e)
{
    caustic_expr result = CAUSTIC_NONE;
    factor_list list;
    expr_list out = { NULL, 0, 0 };
    slong i;

    factor_list_init(&list);
    if (add_number_power(&list, pool, c, e))
    {
        if (list.too_large)
        {
            pool->failure = FAILURE_NUMBER_TOO_LARGE;
        }
        else
        {
            for (i = 0; i < list.length; i++)
                expr_list_add(&out, pool_make(pool, CAUSTIC_OP_POWER, &list.entries[i].base, 1,
                    list.entries[i].exponent));
            result = assemble(pool, list.coefficient, &out);
        }
    }
    factor_list_clear(&list);
    flint_free(out.entries);
    return result;
}

/* (x^a)^b. Becomes x^(ab) with the right domain where that has the same value, which fails only
   for negative x with a even, b not an integer and ab not even: sqrt(x^2) = |x| [EXPR-1]. */
static caustic_expr power_of_power(caustic_pool * pool, caustic_expr power, const fmpq_t b)
{
    caustic_expr base = pool_child(pool, power), result;
    const fmpq * a = pool_get(pool, power)->value;
    int domain = pool_power_domain(pool, base, a), negatives;
    fmpq_t ab;

    if (pool_is_number(pool, base))
        return CAUSTIC_NONE; /* the caller treats radicals */
    fmpq_init(ab);
    fmpq_mul(ab, a, b);
    if (!is_integer(b) && is_integer(a) && !is_even_integer(a))
        domain |= DOMAIN_NONNEGATIVE;
    if (fmpq_sgn(b) < 0)
        domain |= DOMAIN_NONZERO;
    domain = pool_domain_reduce(pool, base, domain);
    negatives = !(domain & DOMAIN_NONNEGATIVE) && !pool_has(pool, base, FLAG_NONNEGATIVE);

    if (is_integer(b) || !negatives || is_even_integer(ab))
    {
        expr_list out = { NULL, 0, 0 };

        if (!emit(&out, pool, base, ab, domain))
            result = CAUSTIC_NONE;
        else if (out.length == 1)
            result = out.entries[0];
        else
            result = caustic_product(pool, out.entries, out.length);
        flint_free(out.entries);
    }
    else
    {
        result = pool_make(pool, CAUSTIC_OP_POWER, &power, 1, b);
    }
    fmpq_clear(ab);
    return result;
}

/* (f_1 ... f_n)^e. An integer power goes to each factor. Another one goes to those that are
   certainly positive, or to all where none can be negative. */
static caustic_expr power_of_product(caustic_pool * pool, caustic_expr product, const fmpq_t e)
{
    slong i, arity = caustic_expr_arity(pool, product);
    caustic_expr * factors = flint_malloc((arity + 1) * sizeof(caustic_expr)), result;
    expr_list inside = { NULL, 0, 0 }, outside = { NULL, 0, 0 };
    int all = is_integer(e);
    fmpq_t c;

    fmpq_init(c);
    memcpy(factors, pool_children(pool, product), arity * sizeof(caustic_expr));
    if (!all)
    {
        all = 1;
        for (i = 0; i < arity; i++)
            if (!pool_has(pool, factors[i], FLAG_NONNEGATIVE))
                all = 0;
    }
    for (i = 0; i < arity; i++)
    {
        if (all || pool_has(pool, factors[i], FLAG_POSITIVE))
        {
            expr_list_add(&outside, caustic_power(pool, factors[i], e));
        }
        else if (pool_is_number(pool, factors[i]) && !pool_is_zero(pool, factors[i]))
        {
            fmpq_abs(c, pool_get(pool, factors[i])->value);
            if (!fmpq_is_one(c))
                expr_list_add(&outside, power_of_number(pool, c, e));
            expr_list_add(&inside, caustic_integer(pool, -1));
        }
        else
        {
            expr_list_add(&inside, factors[i]);
        }
    }
    if (inside.length > 0)
    {
        caustic_expr rest = outside.length == 0 ? product
            : caustic_product(pool, inside.entries, inside.length);

        if (rest != CAUSTIC_NONE && (pool_op(pool, rest) == CAUSTIC_OP_PRODUCT))
            expr_list_add(&outside, pool_make(pool, CAUSTIC_OP_POWER, &rest, 1, e));
        else
            expr_list_add(&outside, caustic_power(pool, rest, e));
    }
    if (outside.length == 1)
        result = outside.entries[0];
    else
        result = caustic_product(pool, outside.entries, outside.length);
    flint_free(factors);
    flint_free(inside.entries);
    flint_free(outside.entries);
    fmpq_clear(c);
    return result;
}

/* A sum is made primitive, and for an even power its leading sign positive. */
static caustic_expr power_of_sum(caustic_pool * pool, caustic_expr sum, const fmpq_t e)
{
    caustic_expr primitive, parts[2];
    fmpq_t content, inverse;

    fmpq_init(content);
    fmpq_init(inverse);
    sum_content(content, pool, sum);
    fmpq_inv(inverse, content);
    if (is_even_integer(e) && pool_leads_with_minus(pool, sum))
        fmpq_neg(inverse, inverse);
    primitive = distribute(pool, inverse, sum);
    if (primitive == CAUSTIC_NONE)
    {
        parts[0] = CAUSTIC_NONE;
    }
    else
    {
        parts[0] = pool_make(pool, CAUSTIC_OP_POWER, &primitive, 1, e);
        if (!fmpq_is_one(content))
        {
            parts[1] = power_of_number(pool, content, e);
            parts[0] = caustic_product(pool, parts, 2);
        }
    }
    fmpq_clear(content);
    fmpq_clear(inverse);
    return parts[0];
}

/* exp(x)^e = exp(e*x) */
static caustic_expr power_of_exponential(caustic_pool * pool, caustic_expr base, const fmpq_t e)
{
    return caustic_function(pool, CAUSTIC_OP_EXP,
        caustic_mul(pool, caustic_number(pool, e), pool_child(pool, base)));
}

/* (|x|/x)^n = |x|^n / x^n, and the same for relu. */
static caustic_expr power_of_sign(caustic_pool * pool, caustic_expr base, const fmpq_t e)
{
    caustic_expr argument = pool_child(pool, base), parts[2];
    fmpq_t minus;

    fmpq_init(minus);
    fmpq_neg(minus, e);
    parts[0] = pool_make(pool, pool_op(pool, base) == CAUSTIC_OP_SIGN ? CAUSTIC_OP_ABS : CAUSTIC_OP_RELU,
        &argument, 1, NULL);
    parts[0] = caustic_power(pool, parts[0], e);
    parts[1] = caustic_power(pool, argument, minus);
    fmpq_clear(minus);
    return caustic_product(pool, parts, 2);
}

/* x^0 = 1, with the domain of x. */
static caustic_expr zeroth_power(caustic_pool * pool, caustic_expr base)
{
    if (pool_is_zero(pool, base))
        return pool_fail(pool, FAILURE_ZERO_TO_ZERO);
    if (pool_has(pool, base, FLAG_TOTAL))
        return caustic_integer(pool, 1);
    return caustic_add(pool, caustic_integer(pool, 1), caustic_mul(pool, caustic_integer(pool, 0), base));
}

caustic_expr caustic_power(caustic_pool * pool, caustic_expr base, const fmpq_t e)
{
    if (base == CAUSTIC_NONE)
        return CAUSTIC_NONE;
    if (fmpq_is_one(e))
        return base;
    if (fmpq_is_zero(e))
        return zeroth_power(pool, base);
    if (pool_op(pool, base) == CAUSTIC_OP_EXP)
        return power_of_exponential(pool, base, e);
    if (exponent_too_large(pool, e))
        return pool_fail(pool, FAILURE_EXPONENT_TOO_LARGE);
    if (is_disguised_zero(pool, base))
        return fmpq_sgn(e) > 0 ? base : pool_fail(pool, FAILURE_DIVISION_BY_ZERO);
    switch (pool_op(pool, base))
    {
        case CAUSTIC_OP_NUMBER:
            return power_of_number(pool, pool_get(pool, base)->value, e);
        case CAUSTIC_OP_POWER:
            if (pool_is_number(pool, pool_child(pool, base)))
            {
                caustic_expr result;
                fmpq_t exponent;

                fmpq_init(exponent);
                fmpq_mul(exponent, pool_get(pool, base)->value, e);
                result = power_of_number(pool, pool_get(pool, pool_child(pool, base))->value, exponent);
                fmpq_clear(exponent);
                return result;
            }
            return power_of_power(pool, base, e);
        case CAUSTIC_OP_PRODUCT:
            return power_of_product(pool, base, e);
        case CAUSTIC_OP_SUM:
            return power_of_sum(pool, base, e);
        case CAUSTIC_OP_ABS:
            if (is_even_integer(e))
                return caustic_power(pool, pool_child(pool, base), e);
            break;
        case CAUSTIC_OP_SIGN: case CAUSTIC_OP_STEP:
            if (is_integer(e))
                return power_of_sign(pool, base, e);
            break;
        default:
            break;
    }
    return pool_make(pool, CAUSTIC_OP_POWER, &base, 1, e);
}

/* Functions **************************************************************************************/

/* Whether e = r*pi with an integer 2r; then *quarter is 2r mod 4. */
static int is_half_multiple_of_pi(int * quarter, caustic_pool * pool, caustic_expr e)
{
    caustic_expr rest;
    const fmpq * c;
    fmpz_t twice;
    int found;

    if (pool_is_zero(pool, e))
    {
        *quarter = 0;
        return 1;
    }
    c = split_term(&rest, pool, e);
    if (pool_op(pool, rest) != CAUSTIC_OP_PI)
        return 0;
    if (c == NULL)
    {
        *quarter = 2;
        return 1;
    }
    fmpz_init(twice);
    found = fmpz_cmp_ui(fmpq_denref(c), 2) <= 0;
    if (found)
    {
        fmpz_mul_ui(twice, fmpq_numref(c), fmpz_is_one(fmpq_denref(c)) ? 2 : 1);
        *quarter = (int) fmpz_fdiv_ui(twice, 4);
    }
    fmpz_clear(twice);
    return found;
}

static caustic_expr make_function(caustic_pool * pool, caustic_op op, caustic_expr argument)
{
    return pool_make(pool, op, &argument, 1, NULL);
}

/* 1 or another constant with the domain of x. */
static caustic_expr constant_on_domain(caustic_pool * pool, slong value, caustic_expr x)
{
    if (pool_has(pool, x, FLAG_TOTAL))
        return caustic_integer(pool, value);
    return caustic_add(pool, caustic_integer(pool, value), caustic_mul(pool, caustic_integer(pool, 0), x));
}

static caustic_expr function_exp(caustic_pool * pool, caustic_expr x)
{
    caustic_expr rest;
    const fmpq * c;

    if (pool_is_zero(pool, x))
        return caustic_integer(pool, 1);
    c = split_term(&rest, pool, x); /* exp(c log y) = y^c for y > 0 */
    if (pool_op(pool, rest) == CAUSTIC_OP_LOG && pool_has(pool, pool_child(pool, rest), FLAG_POSITIVE))
    {
        if (c == NULL)
            return pool_child(pool, rest);
        if (!fmpq_is_zero(c) && !exponent_too_large(pool, c) && !pool_is_number(pool, pool_child(pool, rest)))
            return caustic_power(pool, pool_child(pool, rest), c);
    }
    return make_function(pool, CAUSTIC_OP_EXP, x);
}

static caustic_expr function_log(caustic_pool * pool, caustic_expr x)
{
    if (is_disguised_zero(pool, x) || (pool_is_number(pool, x) && fmpq_sgn(pool_get(pool, x)->value) < 0))
        return pool_fail(pool, FAILURE_LOG_OF_NONPOSITIVE);
    if (pool_is_number(pool, x) && fmpq_is_one(pool_get(pool, x)->value))
        return caustic_integer(pool, 0);
    if (pool_op(pool, x) == CAUSTIC_OP_EXP)
        return pool_child(pool, x);
    if (pool_op(pool, x) == CAUSTIC_OP_POWER && pool_has(pool, pool_child(pool, x), FLAG_POSITIVE))
        return caustic_mul(pool, caustic_number(pool, pool_get(pool, x)->value),
            caustic_function(pool, CAUSTIC_OP_LOG, pool_child(pool, x)));
    return make_function(pool, CAUSTIC_OP_LOG, x);
}

static caustic_expr function_trigonometric(caustic_pool * pool, caustic_op op, caustic_expr x)
{
    static const int sines[4] = { 0, 1, 0, -1 }, cosines[4] = { 1, 0, -1, 0 };
    int quarter;

    if (is_half_multiple_of_pi(&quarter, pool, x))
    {
        if (op == CAUSTIC_OP_SIN)
            return caustic_integer(pool, sines[quarter]);
        if (op == CAUSTIC_OP_COS)
            return caustic_integer(pool, cosines[quarter]);
        if (quarter % 2 == 0)
            return caustic_integer(pool, 0);
        return pool_fail(pool, FAILURE_DIVISION_BY_ZERO); /* tan(pi/2) */
    }
    return make_function(pool, op, x);
}

/* f(c*x) = c*f(x), for f = abs and relu, c > 0 the content of the sum; for abs also with the sign. */
static caustic_expr function_of_primitive_sum(caustic_pool * pool, caustic_op op, caustic_expr sum, int negate)
{
    caustic_expr primitive, result = CAUSTIC_NONE;
    fmpq_t content, inverse;

    fmpq_init(content);
    fmpq_init(inverse);
    sum_content(content, pool, sum);
    fmpq_inv(inverse, content);
    if (negate)
        fmpq_neg(inverse, inverse);
    primitive = distribute(pool, inverse, sum);
    if (primitive != CAUSTIC_NONE && pool_has(pool, primitive, FLAG_NONNEGATIVE))
        result = distribute(pool, content, primitive);
    else if (primitive != CAUSTIC_NONE)
        result = attach_coefficient(pool, content, make_function(pool, op, primitive));
    fmpq_clear(content);
    fmpq_clear(inverse);
    return result;
}

/* |f_1 ... f_n| = |f_1| ... |f_n|, and |x^n| = |x|^n. */
static caustic_expr function_abs(caustic_pool * pool, caustic_expr x)
{
    caustic_expr result;
    fmpq_t c;

    if (pool_is_number(pool, x))
    {
        fmpq_init(c);
        fmpq_abs(c, pool_get(pool, x)->value);
        result = caustic_number(pool, c);
        fmpq_clear(c);
        return result;
    }
    if (pool_has(pool, x, FLAG_NONNEGATIVE))
        return x;
    if (pool_op(pool, x) == CAUSTIC_OP_PRODUCT)
    {
        slong i, arity = caustic_expr_arity(pool, x);
        caustic_expr * factors = flint_malloc(arity * sizeof(caustic_expr));

        memcpy(factors, pool_children(pool, x), arity * sizeof(caustic_expr));
        for (i = 0; i < arity; i++)
            factors[i] = function_abs(pool, factors[i]); /* a factor is no product: one level */
        result = caustic_product(pool, factors, arity);
        flint_free(factors);
        return result;
    }
    if (pool_op(pool, x) == CAUSTIC_OP_POWER) /* an odd integer exponent: the others are not negative */
        return caustic_power(pool, caustic_function(pool, CAUSTIC_OP_ABS, pool_child(pool, x)), pool_get(pool, x)->value);
    if (pool_op(pool, x) == CAUSTIC_OP_SUM)
        return function_of_primitive_sum(pool, CAUSTIC_OP_ABS, x, pool_leads_with_minus(pool, x));
    return make_function(pool, CAUSTIC_OP_ABS, x);
}

/* relu(c f_1 ... f_n) with the certainly positive factors in front. */
static caustic_expr function_relu(caustic_pool * pool, caustic_expr x)
{
    caustic_expr result, inside;
    expr_list in = { NULL, 0, 0 }, out = { NULL, 0, 0 };
    slong i, arity;
    fmpq_t c;

    if (pool_has(pool, x, FLAG_NONNEGATIVE))
        return x;
    if (pool_is_number(pool, x))
        return caustic_integer(pool, 0);
    if (pool_op(pool, x) == CAUSTIC_OP_SUM)
        return function_of_primitive_sum(pool, CAUSTIC_OP_RELU, x, 0);
    if (pool_op(pool, x) != CAUSTIC_OP_PRODUCT)
        return make_function(pool, CAUSTIC_OP_RELU, x);

    fmpq_init(c);
    arity = caustic_expr_arity(pool, x);
    for (i = 0; i < arity; i++)
    {
        caustic_expr factor = pool_children(pool, x)[i];

        if (pool_has(pool, factor, FLAG_POSITIVE))
        {
            expr_list_add(&out, factor);
        }
        else if (pool_is_number(pool, factor))
        {
            fmpq_abs(c, pool_get(pool, factor)->value);
            expr_list_add(&out, caustic_number(pool, c));
            expr_list_add(&in, caustic_integer(pool, -1));
        }
        else
        {
            expr_list_add(&in, factor);
        }
    }
    if (out.length == 0)
    {
        result = make_function(pool, CAUSTIC_OP_RELU, x);
    }
    else
    {
        inside = caustic_product(pool, in.entries, in.length);
        if (inside == CAUSTIC_NONE)
        {
            result = CAUSTIC_NONE;
        }
        else
        {
            expr_list_add(&out, pool_has(pool, inside, FLAG_NONNEGATIVE) ? inside
                : pool_is_number(pool, inside) ? constant_on_domain(pool, 0, x)
                : make_function(pool, CAUSTIC_OP_RELU, inside));
            result = caustic_product(pool, out.entries, out.length);
        }
    }
    flint_free(in.entries);
    flint_free(out.entries);
    fmpq_clear(c);
    return result;
}

/* sign(x) = abs(x)/x and step(x) = relu(x)/x; the product rules make the node of it. */
static caustic_expr function_sign(caustic_pool * pool, caustic_op op, caustic_expr x)
{
    if (pool_is_zero(pool, x))
        return pool_fail(pool, FAILURE_SIGN_OF_ZERO);
    if (pool_has(pool, x, FLAG_POSITIVE))
        return constant_on_domain(pool, 1, x);
    return caustic_div(pool, caustic_function(pool, op == CAUSTIC_OP_SIGN ? CAUSTIC_OP_ABS : CAUSTIC_OP_RELU, x), x);
}

static caustic_expr function_at_zero(caustic_pool * pool, caustic_op op)
{
    caustic_expr result;
    fmpq_t half;

    switch (op)
    {
        case CAUSTIC_OP_ATAN: case CAUSTIC_OP_SINH: case CAUSTIC_OP_TANH: case CAUSTIC_OP_ERF:
            return caustic_integer(pool, 0);
        case CAUSTIC_OP_COSH:
            return caustic_integer(pool, 1);
        case CAUSTIC_OP_SOFTPLUS:
            return caustic_function(pool, CAUSTIC_OP_LOG, caustic_integer(pool, 2));
        case CAUSTIC_OP_SIGMOID:
            fmpq_init(half);
            fmpq_set_si(half, 1, 2);
            result = caustic_number(pool, half);
            fmpq_clear(half);
            return result;
        default:
            return CAUSTIC_NONE;
    }
}

static int is_odd_function(caustic_op op)
{
    return op == CAUSTIC_OP_SIN || op == CAUSTIC_OP_TAN || op == CAUSTIC_OP_ATAN || op == CAUSTIC_OP_SINH
        || op == CAUSTIC_OP_TANH || op == CAUSTIC_OP_ERF;
}

caustic_expr caustic_function(caustic_pool * pool, caustic_op op, caustic_expr x)
{
    caustic_expr result;

    if (x == CAUSTIC_NONE)
        return CAUSTIC_NONE;
    if (is_odd_function(op) && pool_op(pool, x) != CAUSTIC_OP_SUM && pool_leads_with_minus(pool, x))
        return caustic_neg(pool, caustic_function(pool, op, caustic_neg(pool, x)));
    if ((op == CAUSTIC_OP_COS || op == CAUSTIC_OP_COSH) && pool_leads_with_minus(pool, x))
        x = caustic_neg(pool, x);
    switch (op)
    {
        case CAUSTIC_OP_EXP:
            return function_exp(pool, x);
        case CAUSTIC_OP_LOG:
            return function_log(pool, x);
        case CAUSTIC_OP_SIN: case CAUSTIC_OP_COS: case CAUSTIC_OP_TAN:
            return function_trigonometric(pool, op, x);
        case CAUSTIC_OP_ABS:
            return function_abs(pool, x);
        case CAUSTIC_OP_RELU:
            return function_relu(pool, x);
        case CAUSTIC_OP_SIGN: case CAUSTIC_OP_STEP:
            return function_sign(pool, op, x);
        case CAUSTIC_OP_ATAN: case CAUSTIC_OP_SINH: case CAUSTIC_OP_COSH: case CAUSTIC_OP_TANH:
        case CAUSTIC_OP_SIGMOID: case CAUSTIC_OP_SOFTPLUS: case CAUSTIC_OP_ERF:
            if (pool_is_zero(pool, x))
            {
                result = function_at_zero(pool, op);
                return result;
            }
            return make_function(pool, op, x);
        default:
            return CAUSTIC_NONE; /* not a function */
    }
}

/* Shorthands *************************************************************************************/

caustic_expr caustic_power_si(caustic_pool * pool, caustic_expr base, slong exponent)
{
    caustic_expr result;
    fmpq_t e;

    fmpq_init(e);
    fmpq_set_si(e, exponent, 1);
    result = caustic_power(pool, base, e);
    fmpq_clear(e);
    return result;
}

caustic_expr caustic_add(caustic_pool * pool, caustic_expr a, caustic_expr b)
{
    caustic_expr parts[2] = { a, b };

    return caustic_sum(pool, parts, 2);
}

caustic_expr caustic_mul(caustic_pool * pool, caustic_expr a, caustic_expr b)
{
    caustic_expr parts[2] = { a, b };

    return caustic_product(pool, parts, 2);
}

caustic_expr caustic_neg(caustic_pool * pool, caustic_expr a)
{
    return caustic_mul(pool, caustic_integer(pool, -1), a);
}

caustic_expr caustic_sub(caustic_pool * pool, caustic_expr a, caustic_expr b)
{
    return caustic_add(pool, a, caustic_neg(pool, b));
}

caustic_expr caustic_div(caustic_pool * pool, caustic_expr a, caustic_expr b)
{
    return caustic_mul(pool, a, caustic_power_si(pool, b, -1));
}

caustic_expr caustic_sqrt(caustic_pool * pool, caustic_expr a)
{
    caustic_expr result;
    fmpq_t half;

    fmpq_init(half);
    fmpq_set_si(half, 1, 2);
    result = caustic_power(pool, a, half);
    fmpq_clear(half);
    return result;
}
