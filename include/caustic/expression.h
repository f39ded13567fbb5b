/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    expression: the language of case files. A pool owns hash-consed nodes, so equal expressions are
    one node and shared subexpressions stay shared; a child's handle is always smaller than its
    parent's, so every pass over an expression is a loop over an array and never recurses.

    Every real function here is partial in the obvious way (log needs a positive argument, 1/x a
    non-zero one). Construction simplifies lightly and only where the simplified expression has the
    same domain and the same values.
*/

#ifndef CAUSTIC_EXPRESSION_H
#define CAUSTIC_EXPRESSION_H

#include <stdint.h>
#include <flint/acb.h>
#include <caustic/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct caustic_pool caustic_pool;

/* A handle into a pool. 0 is no expression. Handles of one pool compare equal exactly when the
   expressions are structurally the same. */
typedef uint32_t caustic_expr;
#define CAUSTIC_NONE ((caustic_expr) 0)

typedef enum
{
    CAUSTIC_OP_NUMBER = 1, /* a rational number */
    CAUSTIC_OP_SYMBOL,
    CAUSTIC_OP_PI,
    CAUSTIC_OP_SUM,     /* two or more terms; a numeric term, if any, comes first */
    CAUSTIC_OP_PRODUCT, /* two or more factors; a numeric factor, if any, comes first */
    CAUSTIC_OP_POWER,   /* one child, rational exponent other than 0 and 1; sqrt(x) is x^(1/2) */
    CAUSTIC_OP_EXP, CAUSTIC_OP_LOG, CAUSTIC_OP_SIN, CAUSTIC_OP_COS, CAUSTIC_OP_TAN,
    CAUSTIC_OP_ATAN, CAUSTIC_OP_SINH, CAUSTIC_OP_COSH, CAUSTIC_OP_TANH, CAUSTIC_OP_SIGMOID,
    CAUSTIC_OP_SOFTPLUS, CAUSTIC_OP_ERF, CAUSTIC_OP_ABS, CAUSTIC_OP_RELU,
    CAUSTIC_OP_SIGN,    /* derivative of abs: +1, -1, undefined at 0; printed abs(x)/x */
    CAUSTIC_OP_STEP     /* derivative of relu: 1, 0, undefined at 0; printed relu(x)/x */
}
caustic_op;

caustic_pool * caustic_pool_new(void);
void caustic_pool_free(caustic_pool * pool);

/* Building ***********************************************************************************/

/* The symbol of that name; the same handle for the same name. */
caustic_expr caustic_symbol(caustic_pool * pool, const char * name);
/* Promises that a symbol takes positive values only (its declared domain lies in (0, inf)); lets
   sqrt(z^2) become z. Must be called before the symbol is used in other expressions. */
void caustic_symbol_assume_positive(caustic_pool * pool, caustic_expr symbol);

caustic_expr caustic_number(caustic_pool * pool, const fmpq_t value);
caustic_expr caustic_integer(caustic_pool * pool, slong value);
caustic_expr caustic_pi(caustic_pool * pool);
caustic_expr caustic_sum(caustic_pool * pool, const caustic_expr * terms, slong length);
caustic_expr caustic_product(caustic_pool * pool, const caustic_expr * factors, slong length);
/* CAUSTIC_NONE for 0 to a negative power (also for what is 0 by its form, as 0*log(x)), for 0^0, and
   for a fraction as exponent of a negative number. Real powers are principal: x^(p/q) needs x >= 0,
   for odd q too. Here and everywhere, CAUSTIC_NONE also for numbers or exponents so large (80,000
   digits, 10^6) that computing on would hang. */
caustic_expr caustic_power(caustic_pool * pool, caustic_expr base, const fmpq_t exponent);
caustic_expr caustic_power_si(caustic_pool * pool, caustic_expr base, slong exponent);
/* op is one of the unary functions. CAUSTIC_NONE for log of a number <= 0. */
caustic_expr caustic_function(caustic_pool * pool, caustic_op op, caustic_expr argument);
/* Any argument CAUSTIC_NONE gives CAUSTIC_NONE, here and above. */
caustic_expr caustic_add(caustic_pool * pool, caustic_expr a, caustic_expr b);
caustic_expr caustic_sub(caustic_pool * pool, caustic_expr a, caustic_expr b);
caustic_expr caustic_neg(caustic_pool * pool, caustic_expr a);
caustic_expr caustic_mul(caustic_pool * pool, caustic_expr a, caustic_expr b);
caustic_expr caustic_div(caustic_pool * pool, caustic_expr a, caustic_expr b);
caustic_expr caustic_sqrt(caustic_pool * pool, caustic_expr a);

/* Looking ************************************************************************************/

caustic_op caustic_expr_op(const caustic_pool * pool, caustic_expr e);
slong caustic_expr_arity(const caustic_pool * pool, caustic_expr e);
caustic_expr caustic_expr_child(const caustic_pool * pool, caustic_expr e, slong i);
/* The value of a NUMBER, the exponent of a POWER. Lives as long as the pool. */
const fmpq * caustic_expr_fmpq(const caustic_pool * pool, caustic_expr e);
/* The name of a SYMBOL. Lives as long as the pool. */
const char * caustic_expr_name(const caustic_pool * pool, caustic_expr e);
int caustic_expr_is_positive_symbol(const caustic_pool * pool, caustic_expr e);
int caustic_expr_depends(const caustic_pool * pool, caustic_expr e, caustic_expr symbol);
/* The number of different nodes below and including e. */
slong caustic_expr_nodes(const caustic_pool * pool, caustic_expr e);
/* The first abs, relu, sign or step in e whose argument may vanish for a value of the symbol in the ball x: a kink
   of e, or what looks like one to that precision. CAUSTIC_NONE: there is none. */
caustic_expr caustic_expr_kink(const caustic_pool * pool, caustic_expr e, caustic_expr symbol, const arb_t x, slong prec);
/* The arguments of all abs, relu, sign and step in e, each once: where none of them vanishes there is no kink. Caller frees
   *arguments with flint_free. */
slong caustic_expr_branch_arguments(caustic_expr ** arguments, const caustic_pool * pool, caustic_expr e);
/* e with each abs, relu, sign and step replaced by the branch that it takes at the number in the ball x: e itself, without its
   kinks, on any interval around x in which none of their arguments vanishes. CAUSTIC_NONE where a sign is not certain. */
caustic_expr caustic_expr_branch(caustic_pool * pool, caustic_expr e, caustic_expr symbol, const arb_t x, slong prec);
/* All symbols of e in order of first declaration. Caller frees *symbols with flint_free. */
slong caustic_expr_symbols(caustic_expr ** symbols, const caustic_pool * pool, caustic_expr e);

/* Calculus ***********************************************************************************/

/* The derivative; CAUSTIC_NONE only for CAUSTIC_NONE. */
caustic_expr caustic_derivative(caustic_pool * pool, caustic_expr e, caustic_expr symbol);
/* Simultaneous substitution of symbols[i] by values[i]. CAUSTIC_NONE where the result is
   nowhere defined (a division by zero). */
caustic_expr caustic_substitute(caustic_pool * pool, caustic_expr e, const caustic_expr * symbols,
    const caustic_expr * values, slong length);
/* A period, other than 0 and constant in the symbol, that all the roots share by their form: every symbol stands inside sin, cos or tan of an
   affine function of it, with slopes whose quotients are rational [SHOCK-17]. It may be negative, and need not be the least. CAUSTIC_NONE
   where the form shows none. */
caustic_expr caustic_expr_period(caustic_pool * pool, const caustic_expr * roots, slong length, caustic_expr symbol);
/* What replaces a node; the node itself where nothing does. */
typedef caustic_expr (*caustic_expr_rule)(caustic_pool * pool, caustic_expr node, void * data);
/* Applies rule to every node that has children, once, these first. CAUSTIC_NONE as above. */
caustic_expr caustic_rewrite(caustic_pool * pool, caustic_expr e, caustic_expr_rule rule, void * data);

/* Reading ************************************************************************************/

/* Which names an expression may use. */
typedef struct
{
    const char * name;
    caustic_expr value; /* a symbol, or the value of a constant */
}
caustic_name;

/* A table of exact data: rows x columns expressions without symbols (numbers), row-major. */
typedef struct
{
    slong rows;
    slong columns;
    char ** names;
    caustic_expr * entries;
}
caustic_data;

typedef struct
{
    const caustic_name * names;
    slong length;
    const caustic_data * data; /* NULL: mean(...) and sum(...) are errors */
    int derivatives;           /* names may contain '_' (u_z_z) */
}
caustic_scope;

/* Where the text stands in a file, for messages: position of its first character. */
typedef struct
{
    const char * file;
    slong line;
    slong column;
}
caustic_origin;

#define CAUSTIC_EXPRESSION_DEPTH 1000    /* parentheses and signs counted */
#define CAUSTIC_EXPRESSION_NODES 100000
#define CAUSTIC_EXPONENT_LIMIT 10000
#define CAUSTIC_NUMBER_DIGITS 10000

/* Parses SPEC 2.1's language: + - * / ^, parentheses, numbers (7, 0.05, 1e-30), names, functions,
   pi, and over data rows mean(...) and sum(...), which are expanded here. `^` associates to the
   right, binds tighter than unary minus, and takes a rational exponent (any constant expression
   that folds to a rational number). Inside mean and sum a data column shadows nothing: a name that
   is both a column and in scope is an error.

   Returns CAUSTIC_OK, or CAUSTIC_BAD_INPUT with error set (position of the offending character,
   what was found, what was expected; each limit has a message of its own). */
caustic_result caustic_parse(caustic_expr * result, caustic_pool * pool, const char * text,
    const caustic_scope * scope, const caustic_origin * origin, caustic_error_t error) CAUSTIC_MUST_USE;

/* "left = right"; exactly one '='. Same returns. */
caustic_result caustic_parse_equation(caustic_expr * left, caustic_expr * right,
    caustic_pool * pool, const char * text, const caustic_scope * scope,
    const caustic_origin * origin, caustic_error_t error) CAUSTIC_MUST_USE;

/* A decimal or a fraction of decimals, exactly: "0.05", "1/20", "-3e-2". Returns as above. */
caustic_result caustic_parse_fmpq(fmpq_t result, const char * text, const caustic_origin * origin,
    caustic_error_t error) CAUSTIC_MUST_USE;

/* Writing ************************************************************************************/

/* Text that caustic_parse reads back to the same node. */
void caustic_expr_print(caustic_text_t out, const caustic_pool * pool, caustic_expr e);
/* LaTeX, in math mode: fractions, roots, subscripts for names such as z1 or m11. */
void caustic_expr_latex(caustic_text_t out, const caustic_pool * pool, caustic_expr e);
/* The text as a fresh string, freed with flint_free. */
char * caustic_expr_string(const caustic_pool * pool, caustic_expr e) CAUSTIC_MUST_USE;

/* Evaluation *********************************************************************************/

/* The straight-line program of several expressions in given symbols: compiled once, evaluated on
   any kind of number. Immutable after construction and safe to share between threads, also after
   its pool has grown or gone. */
typedef struct caustic_tape caustic_tape;

/* NULL if a root depends on a symbol that is not listed, or is CAUSTIC_NONE. */
caustic_tape * caustic_tape_new(const caustic_pool * pool, const caustic_expr * roots, slong roots_length,
    const caustic_expr * symbols, slong symbols_length);
void caustic_tape_free(caustic_tape * tape);
slong caustic_tape_roots(const caustic_tape * tape);
slong caustic_tape_symbols(const caustic_tape * tape);

/* Values enclose: if the inputs contain real numbers at which a root is defined, its output
   contains the root's value there. Where a root is not certainly defined on the whole input (log
   of a ball with 0, a quotient by a ball with 0, sign or step of a ball with 0) the output is not
   finite. out has one entry a root, in one entry a symbol; they may not overlap. */
void caustic_tape_evaluate_arb(arb_ptr out, const caustic_tape * tape, arb_srcptr in, slong prec);

/* Values of the holomorphic continuation from the real domain: an output that is finite contains
   the values of a function holomorphic on a neighbourhood of the input box that agrees with the
   root on the reals. Balls that touch a branch cut, a pole, or a kink of abs and relu give a
   non-finite output. */
void caustic_tape_evaluate_acb(acb_ptr out, const caustic_tape * tape, acb_srcptr in, slong prec);

/* The same for many points: an evaluator keeps its room between evaluations and computes what depends
   on no input once. The tape must outlive it; unlike the tape it belongs to one thread. */
typedef struct caustic_evaluator caustic_evaluator;

caustic_evaluator * caustic_evaluator_new(const caustic_tape * tape);
void caustic_evaluator_free(caustic_evaluator * evaluator);
/* As caustic_tape_evaluate_arb and _acb. */
void caustic_evaluate_arb(arb_ptr out, caustic_evaluator * evaluator, arb_srcptr in, slong prec);
void caustic_evaluate_acb(acb_ptr out, caustic_evaluator * evaluator, acb_srcptr in, slong prec);
/* The values where the last symbol is first, first + step, first + 2 step, ... one after the other, and the others stay as
   they are in `first`, which has an entry a symbol: what depends on the others alone is computed once, and exp of what is
   affine in the last symbol is one product a value [EXPR-4]. Other evaluations in between do not disturb it. */
void caustic_evaluator_start(caustic_evaluator * evaluator, arb_srcptr first, const arf_t step, slong prec);
void caustic_evaluator_next(arb_ptr out, caustic_evaluator * evaluator, slong prec);
/* About the values, in doubles, each number by its real and imaginary part: to guide a search, never to decide. Across a
   branch cut, and for abs, relu, sign and step across the imaginary axis, they are those of another branch. */
void caustic_evaluate_guess(double * out, caustic_evaluator * evaluator, const double * in);

#ifdef __cplusplus
}
#endif

#endif
