/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    shock, private: functions on [X, inf) as finite sums of monomials x^p (log x)^k exp(r x + s x^2) with
    enclosed coefficients. [SHOCK-16]
*/

#ifndef CAUSTIC_SHOCK_GROWTH_H
#define CAUSTIC_SHOCK_GROWTH_H

#include <caustic/expression.h>

/* The exponents, the fastest growing first: sums are ordered by them like words in a dictionary. */
enum
{
    GROWTH_SQUARE, /* s */
    GROWTH_RATE,   /* r */
    GROWTH_POWER,  /* p */
    GROWTH_LOG,    /* k */
    GROWTH_EXPONENTS
};

/* c(x) times a monomial, with c(x) = rational + (a number in the ball constant) + (a function with values in varying). */
typedef struct
{
    fmpq_t exponent[GROWTH_EXPONENTS];
    fmpq_t rational;
    arb_t constant;
    arb_t varying;
}
growth_term;

typedef struct
{
    growth_term * terms; /* different monomials, the fastest growing first; none: the function is 0 */
    slong length;
    int known;           /* 0: nothing is known, not even that the function is defined */
}
growth_struct;

typedef growth_struct growth_t[1];

/* Where the functions live: x >= from > 4. */
typedef struct
{
    fmpq_t from;
    slong prec;
    caustic_pool * pool;
    caustic_expr symbol; /* of the expressions */
}
growth_domain;

void growth_init(growth_t f);
void growth_clear(growth_t f);
void growth_zero(growth_t f);
void growth_unknown(growth_t f);
void growth_set_fmpq(growth_t f, const fmpq_t c);
/* A number in the ball; any function with values in the ball. */
void growth_set_constant(growth_t f, const arb_t c);
void growth_set_range(growth_t f, const arb_t c);
/* c x^power */
void growth_set_power(growth_t f, slong c, slong power);
/* Operands may be the result. */
void growth_add(growth_t f, const growth_t a, const growth_t b, const growth_domain * domain);
void growth_neg(growth_t f, const growth_t a);
void growth_sub(growth_t f, const growth_t a, const growth_t b, const growth_domain * domain);
void growth_mul(growth_t f, const growth_t a, const growth_t b, const growth_domain * domain);
/* A function of the language, or a power with a rational exponent. */
void growth_function(growth_t f, caustic_op op, const growth_t a, const growth_domain * domain);
void growth_rational_power(growth_t f, const growth_t a, const fmpq_t exponent, const growth_domain * domain);

/* growth_form.c: res[i] encloses roots[i], where the symbols are what `at` says; other symbols are unknown. */
void growth_enclose(growth_struct * res, const caustic_expr * roots, slong length, const caustic_expr * symbol,
    const growth_struct * at, slong symbols, const growth_domain * domain);

/* Encloses f divided by its first monomial on all of [X, inf). 0: not known. */
int growth_leading(arb_t c, const growth_t f, const growth_domain * domain);
/* Encloses all values of a bounded function. 0: not known. */
int growth_range(arb_t range, const growth_t f, const growth_domain * domain);
/* +1, -1 where the function has that sign on all of [X, inf); 0: not known. */
int growth_sign(const growth_t f, const growth_domain * domain);
/* +1: the first monomial grows without bound, 0: it is 1, -1: it decays, or the function is 0. */
int growth_order(const growth_t f);
/* Whether f has a finite limit at infinity, with an enclosure of it. `rest` is then f minus the limit. */
int growth_limit(arb_t limit, growth_t rest, const growth_t f, const growth_domain * domain);

#endif
