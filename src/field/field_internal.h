/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Inside the exact field: variables, generators, atoms, and the steps of its arithmetic.

    Variables 0, 1, ... are the symbols, those after them the generators in the order of their
    creation; what defines a generator involves earlier variables only. Polynomials live in one of
    a growing chain of fmpz_mpoly contexts ("levels"); a variable has the same index in all of them.
   Where a finer root or exponential of an atom is made, a new level begins, and lifting an element
   to it replaces the coarser generator by a power of the finer one.
*/

#ifndef CAUSTIC_FIELD_INTERNAL_H
#define CAUSTIC_FIELD_INTERNAL_H

#include <flint/fmpz_mpoly.h>
#include <flint/fmpz_mpoly_factor.h>
#include <flint/fmpz_mpoly_q.h>
#include <caustic/field.h>

/* Limits of effort. Beyond them a call gives up (GR_UNABLE, T_UNKNOWN, sign unknown). */
#define FIELD_FACTOR_TERMS 2000      /* longer polynomials are not factored */
#define FIELD_FACTOR_DEGREE 400      /* of a polynomial that is factored: x^753 + 1 takes seconds */
#define FIELD_FACTOR_DEGREES 1500    /* product of the two highest (degree + 1) of one in several */
#define FIELD_FACTOR_BITS 20000      /* of the coefficients of a polynomial that is factored */
#define FIELD_TERMS 2000000          /* estimated terms of a power or a product of polynomials */
#define FIELD_WORK 2e9               /* term products of all arithmetic in a field; see field_afford */
#define FIELD_PRODUCT_TERMS 300000   /* of one product of polynomials */
#define FIELD_DEGREE 16              /* of an algebraic generator that is to be rationalised */
#define FIELD_EXPONENT 10000         /* of a generator in a power product */
#define FIELD_EXP_TERMS 64           /* terms of an exponent that is taken apart */
#define FIELD_PRIME_LIMIT 65536      /* trial division of integers */
#define FIELD_TRIAL_TERMS 1000       /* of the argument of a function tried for a point where it is defined */
#define FIELD_POINTS 14              /* points tried for a witness */

/* num/den in lowest terms as polynomials, the leading coefficient of den positive, den without
   algebraic generators, and no algebraic generator in num with its degree or more. */
typedef struct
{
    fmpz_mpoly_q_t value;
    slong level;
}
field_element_struct;

typedef field_element_struct field_element_t[1];

typedef enum
{
    FIELD_POWER = 1, /* atom^unit, a positive root of a function or an exponential */
    FIELD_LOG,       /* log of an atom */
    FIELD_COS,
    FIELD_SIN,       /* comes right after the cosine of the same argument */
    FIELD_ATAN,
    FIELD_ERF,
    FIELD_PI
}
field_kind;

typedef struct
{
    field_kind kind;
    slong atom;                    /* FIELD_POWER, FIELD_LOG */
    fmpq_t unit;                   /* FIELD_POWER */
    field_element_t argument;      /* of cos, sin, atan, erf; atom value for log and roots; unit*t for exp */
    slong degree;                  /* v^degree = relation; 0: no relation */
    field_element_t relation;
    int total;                     /* defined on the whole open box */
    int regular;                   /* and analytic there */
    caustic_interval_t range;      /* an open interval that holds all values, 0 apart where the
                                      generator is a root of a function that may vanish */
    field_element_struct * derivative; /* one a symbol */
    char * derivative_known;
    caustic_expr expression;       /* of the argument (powers, exponentials) or of the value; NONE until needed */
}
field_generator;

/* A positive function from which powers and logarithms are made: either a function given by an
   element, or exp of one. Its powers with exponents in unit*Z are powers of one generator. */
typedef struct
{
    int is_exp;
    field_element_t value;         /* the function, or the exponent */
    int nonnegative;               /* proved >= 0 on the whole box */
    int strict;                    /* proved > 0 on the whole box */
    fmpq_t unit;                   /* of the finest generator so far; 1 or 0 (exp) at the start */
    slong generator;               /* that generator, or -1 */
    slong log;                     /* generator that is its logarithm, or -1 */
}
field_atom;

typedef struct
{
    caustic_pool * pool;
    slong symbols_length;
    caustic_expr * symbols;
    caustic_interval_struct * domains;
    fmpz_mpoly_ctx_struct ** levels;
    slong levels_length;
    field_generator * generators;
    slong generators_length;
    slong algebraic_length;        /* how many of them have a relation */
    field_atom * atoms;
    slong atoms_length;
    int all_regular;
    int kinks;                     /* abs and relu may have arguments of both signs */
    double work;                   /* term products so far */
    gr_funcptr methods[GR_METHOD_TAB_SIZE];
}
caustic_field;

#define FIELD(ctx) (*(caustic_field **) (ctx)->data)

static inline slong field_level(const caustic_field * field)
{
    return field->levels_length - 1;
}

/* The context of the newest level. */
static inline fmpz_mpoly_ctx_struct * field_mctx(const caustic_field * field)
{
    return field->levels[field->levels_length - 1];
}

/* The number of variables in use (a level may have spare ones). */
static inline slong field_variables(const caustic_field * field)
{
    return field->symbols_length + field->generators_length;
}

/* An input brought to the newest level; no copy where it is there already. */
typedef struct
{
    fmpz_mpoly_q_t storage;
    const fmpz_mpoly_q_struct * q;
    int owned;
}
field_operand_struct;

typedef field_operand_struct field_operand_t[1];

void field_operand_open(field_operand_t operand, const field_element_struct * x, const caustic_field * field);
void field_operand_close(field_operand_t operand, const caustic_field * field);
/* Makes q, of the newest level, the value of res; q is then unspecified but may be cleared. */
void field_element_store(field_element_struct * res, fmpz_mpoly_q_t q, const caustic_field * field);
void field_element_init(field_element_struct * x, const caustic_field * field);
void field_element_clear(field_element_struct * x, const caustic_field * field);
void field_element_set(field_element_struct * res, const field_element_struct * x, const caustic_field * field);
void field_element_lift(field_element_struct * x, const caustic_field * field);
void field_element_set_variable(field_element_struct * res, slong variable, const caustic_field * field);
/* Sets res to the polynomial of the newest level; den NULL stands for 1. */
void field_element_set_polynomials(field_element_struct * res, const fmpz_mpoly_t num,
    const fmpz_mpoly_t den, const caustic_field * field);
/* Structural equality, which implies equality. */
int field_element_same(const field_element_struct * x, const field_element_struct * y, const caustic_field * field);
int field_element_is_constant(const field_element_struct * x, const caustic_field * field);

int field_neg(field_element_struct * res, const field_element_struct * x, gr_ctx_t ctx);
int field_add(field_element_struct * res, const field_element_struct * x, const field_element_struct * y, gr_ctx_t ctx);
int field_sub(field_element_struct * res, const field_element_struct * x, const field_element_struct * y, gr_ctx_t ctx);
int field_mul(field_element_struct * res, const field_element_struct * x, const field_element_struct * y, gr_ctx_t ctx);
int field_inv(field_element_struct * res, const field_element_struct * x, gr_ctx_t ctx);
int field_div(field_element_struct * res, const field_element_struct * x, const field_element_struct * y, gr_ctx_t ctx);
int field_pow_si(field_element_struct * res, const field_element_struct * x, slong exponent, gr_ctx_t ctx);
int field_mul_fmpq(field_element_struct * res, const field_element_struct * x, const fmpq_t c, gr_ctx_t ctx);
void field_set_fmpq(field_element_struct * res, const fmpq_t c, const caustic_field * field);

/* res[k], k = 0 .. degree in the variable: the coefficients of p. All initialised by the caller,
   length more than the degree. */
void field_split(fmpz_mpoly_struct * res, slong length, const fmpz_mpoly_t p, slong variable,
    const fmpz_mpoly_ctx_t mctx);

/* Whether every generator in p is analytic on the whole open box. */
int field_polynomial_is_regular(const fmpz_mpoly_t p, const caustic_field * field);
/* That, and a denominator without zeros on the box. */
int field_element_is_regular(const field_element_struct * x, const caustic_field * field);
/* Whether every generator in p is defined on the whole open box. */
int field_polynomial_is_total(const fmpz_mpoly_t p, const caustic_field * field);
int field_element_is_total(const field_element_struct * x, const caustic_field * field);
/* Whether p, of the newest level and without algebraic generators, is certainly no zero on a dense
   open part of where it is defined. [FIELD-1] */
int field_certify_divisor(const fmpz_mpoly_t p, const caustic_field * field);

/* Whether factoring p ends soon: a bound of terms and degrees, for sparse polynomials too are
   factored through dense ones. */
int field_may_factor(const fmpz_mpoly_t p, const fmpz_mpoly_ctx_t mctx);

/* The sign of a polynomial of the newest level on the box. */
caustic_sign field_polynomial_sign(const fmpz_mpoly_t p, const caustic_field * field);
/* As above, taking p apart into factors first where that may help. */
caustic_sign field_factored_sign(const fmpz_mpoly_t p, const caustic_field * field);
caustic_sign field_element_sign(const field_element_struct * x, const caustic_field * field);
caustic_sign field_sign_product(caustic_sign a, caustic_sign b);

/* Coordinates of the i-th trial point. */
void field_point(fmpq * point, slong i, const caustic_field * field);
/* Encloses value, num and den. values has one entry a variable of the level, as far as needed. */
void field_evaluate_polynomial(arb_t res, const fmpz_mpoly_t p, const fmpz_mpoly_ctx_t mctx,
    arb_srcptr values, slong prec);
/* Values of all variables that needed[] asks for, and of those these need. needed is changed. */
void field_evaluate_variables(arb_ptr values, int * needed, arb_srcptr point, slong prec,
    const caustic_field * field);

int field_derivative(field_element_struct * res, const field_element_struct * x, slong k, gr_ctx_t ctx);

/* Functions of elements. GR_SUCCESS, GR_DOMAIN or GR_UNABLE. */
int field_power_fmpq(field_element_struct * res, const field_element_struct * x, const fmpq_t exponent, gr_ctx_t ctx);
int field_exp(field_element_struct * res, const field_element_struct * x, gr_ctx_t ctx);
/* |x|: what has a sign comes out with it, what has none becomes the root of its square. [FIELD-10] */
int field_abs(field_element_struct * res, const field_element_struct * x, gr_ctx_t ctx);
int field_log(field_element_struct * res, const field_element_struct * x, gr_ctx_t ctx);
int field_sin_cos(field_element_struct * s, field_element_struct * c, const field_element_struct * x, gr_ctx_t ctx);
int field_odd_function(field_element_struct * res, field_kind kind, const field_element_struct * x, gr_ctx_t ctx);
int field_pi(field_element_struct * res, gr_ctx_t ctx);

void field_generators_clear(caustic_field * field);


#endif
