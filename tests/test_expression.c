/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Tests of the expression module.
*/

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <flint/arb_hypgeom.h>
#include <caustic/expression.h>
#include "expression/tape_internal.h"

/* Random numbers *********************************************************************************/

static uint64_t state;

static uint64_t next_random(void)
{
    uint64_t z = (state += UINT64_C(0x9E3779B97F4A7C15));

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static slong below(slong n)
{
    return (slong) (next_random() % (uint64_t) n);
}

static double seconds(void)
{
    return (double) clock() / CLOCKS_PER_SEC;
}

static int fmpq_equals_si(const fmpq * q, slong n)
{
    return fmpz_is_one(fmpq_denref(q)) && fmpz_equal_si(fmpq_numref(q), n);
}

/* A pool with symbols ****************************************************************************/

#define SYMBOLS 4

typedef struct
{
    caustic_pool * pool;
    caustic_expr symbols[SYMBOLS]; /* x, y, z, p; p is positive */
    caustic_name names[SYMBOLS];
    caustic_scope scope;
}
world;

static void world_init(world * w)
{
    static const char * const names[SYMBOLS] = { "x", "y", "z", "p" };
    slong i;

    memset(w, 0, sizeof(world));
    w->pool = caustic_pool_new();
    for (i = 0; i < SYMBOLS; i++)
    {
        w->symbols[i] = caustic_symbol(w->pool, names[i]);
        w->names[i].name = names[i];
        w->names[i].value = w->symbols[i];
    }
    caustic_symbol_assume_positive(w->pool, w->symbols[3]);
    w->scope.names = w->names;
    w->scope.length = SYMBOLS;
}

static void world_clear(world * w)
{
    caustic_pool_free(w->pool);
}

static caustic_expr read_text(world * w, const char * text)
{
    caustic_error_t error;
    caustic_expr e;

    caustic_error_init(error);
    if (caustic_parse(&e, w->pool, text, &w->scope, NULL, error) != CAUSTIC_OK)
        fail_msg("'%s' does not parse: %s", text, error->message);
    caustic_error_clear(error);
    return e;
}

static void assert_prints(world * w, caustic_expr e, const char * expected)
{
    char * text = caustic_expr_string(w->pool, e);

    assert_string_equal(text, expected);
    flint_free(text);
}

/* Canonical forms ********************************************************************************/

static void test_canonical(void ** unused)
{
    static const char * const table[][2] = {
        { "2*z^2", "2*z^2" }, { "z/2", "z/2" }, { "1/(2*z^2)", "1/(2*z^2)" }, { "(z - 2)^2/2", "(z - 2)^2/2" },
        { "sqrt(x)", "sqrt(x)" }, { "x^(3/2)", "x^(3/2)" }, { "-z", "-z" }, { "x - y", "x - y" }, { "z - y", "z - y" },
        { "-x^2", "-x^2" }, { "2^-1", "1/2" }, { "2^-2^2", "1/16" }, { "x^2^3", "x^8" }, { "z^-2", "1/z^2" },
        { "-2^2", "-4" }, { "2*-3*x", "-6*x" }, { "x--y", "x + y" }, { "x/-y*z", "-x*z/y" }, { "x/--y*z", "x*z/y" }, { "-(x + y)/z", "-(x + y)/z" }, { "(-x - y)/z", "(-x - y)/z" },
        { "2^-3*4", "1/2" }, { "-x/y/z", "-x/(y*z)" }, { "x*-y^2", "-x*y^2" }, { "x - -y*z", "y*z + x" }, { "x^+2", "x^2" }, { "0.05", "1/20" }, { "1e-3*x", "x/1000" },
        { "1.5e2", "150" }, { "+x", "x" }, { "2 - x", "2 - x" }, { "-x - y - 3", "-x - y - 3" },
        { "1 + x + x^2", "x^2 + x + 1" }, { "y*x*3", "3*x*y" }, { "(x+y)/2", "x/2 + y/2" },
        { "2*x + 3*x", "5*x" }, { "x*x^2/y", "x^3/y" }, { "2*(x + y)*z", "2*z*(x + y)" },
        { "(2*x + 2*y)*z", "2*z*(x + y)" }, { "(2*x + 2*y)^2", "4*(x + y)^2" }, { "(y - x)^2", "(x - y)^2" },
        { "(x*y)^2", "x^2*y^2" }, { "1/(x*y)", "1/(x*y)" }, { "x/y/z", "x/(y*z)" }, { "x/(y/p)", "p*x/y" }, { "x/(y/z)", "x*z^2/(y*z)" }, { "(y - x)*(y - x)", "(x - y)^2" },
        { "(y - x)^2/(y - x)", "(x - y)^2/(y - x)" },
        /* domains stay */
        { "x - x", "0" }, { "log(x) - log(x)", "0*log(x)" }, { "log(p) - log(p)", "0" }, { "x/x", "x/x" },
        { "p/p", "1" }, { "x*(1/x)", "x/x" }, { "x^2/x", "x^2/x" }, { "x/x^2", "1/x" }, { "p^2/p", "p" },
        { "0*x", "0" }, { "0/x", "0/x" }, { "0/p", "0" }, { "0*x*log(y)", "0*log(y)" },
        { "x*log(y) - x*log(y) + 2*log(y)", "2*log(y)" }, { "2*log(x) + 3*log(x)", "5*log(x)" },
        { "sqrt(x)*sqrt(x)", "sqrt(x)*sqrt(x)" }, { "sqrt(x)^2", "sqrt(x)*sqrt(x)" }, { "sqrt(x)^3", "x^(3/2)" },
        { "x^(1/3)*x^(2/3)", "sqrt(x)*sqrt(x)" }, { "sqrt(p)*sqrt(p)", "p" }, { "1/(1/x)", "x^2/x" },
        { "sqrt(x)/x", "1/sqrt(x)" }, { "x^0", "1" }, { "log(x)^0", "0*log(x) + 1" },
        { "sqrt(x^2)", "sqrt(x^2)" }, { "sqrt(p^2)", "p" }, { "(x^2)^(3/2)", "(x^2)^(3/2)" }, { "sqrt(x^4)", "x^2" },
        { "sqrt(x^2)^2", "x^2" }, { "(x^3)^(1/3)", "sqrt(x)*sqrt(x)" }, { "sqrt(x^2 + 1)^2", "x^2 + 1" },
        { "exp(log(x))", "exp(log(x))" }, { "exp(log(p))", "p" }, { "exp(2*log(p))", "p^2" }, { "log(exp(x))", "x" },
        { "exp(x)*exp(-x)", "1" }, { "exp(1/x)*exp(-1/x)", "exp(1/x)*exp(-1/x)" }, { "exp(x)^2", "exp(2*x)" },
        { "log(p^2)", "2*log(p)" }, { "log(x^2)", "log(x^2)" },
        /* numbers */
        { "sqrt(4)", "2" }, { "sqrt(12)", "2*sqrt(3)" }, { "8^(1/3)", "2" }, { "sqrt(1/2)", "sqrt(2)/2" },
        { "1/sqrt(2)", "sqrt(2)/2" }, { "sqrt(2)*sqrt(3)", "sqrt(2)*sqrt(3)" }, { "sqrt(6)", "sqrt(2)*sqrt(3)" },
        { "2^(1/2)*2^(2/3)", "2*2^(1/6)" }, { "sqrt(2)*sqrt(2) - 2", "0" }, { "sqrt(1018081)", "1009" },
       
        { "sqrt(8*p^2)", "2*sqrt(2)*p" }, { "sqrt(-2*x*p)", "sqrt(2)*sqrt(p)*sqrt(-x)" },
        { "sqrt(x^2*y^2)", "sqrt(x^2)*sqrt(y^2)" }, { "sqrt(x*y)", "sqrt(x*y)" },
        { "sqrt(p^2/2 + 1/2)", "sqrt(2)*sqrt(p^2 + 1)/2" }, { "0^3", "0" },
        /* functions */
        { "sin(0)", "0" }, { "cos(0)", "1" }, { "exp(0)", "1" }, { "log(1)", "0" }, { "sin(pi)", "0" }, { "cos(pi)", "-1" },
        { "sin(pi/2)", "1" }, { "sin(7*pi/2)", "-1" }, { "cos(3*pi/2)", "0" }, { "tan(3*pi)", "0" }, { "sin(pi/3)", "sin(pi/3)" },
        { "sin(-x)", "-sin(x)" }, { "cos(-2*x)", "cos(2*x)" }, { "cos(y - x)", "cos(x - y)" }, { "tanh(-x)", "-tanh(x)" },
        { "erf(-3)", "-erf(3)" }, { "atan(0)", "0" }, { "erf(0)", "0" }, { "sinh(0)", "0" }, { "cosh(0)", "1" },
        { "sigmoid(0)", "1/2" }, { "softplus(0)", "log(2)" }, { "abs(-3)", "3" }, { "relu(-3)", "0" }, { "relu(3)", "3" },
        { "abs(p)", "p" }, { "abs(-2*x)", "2*abs(x)" }, { "abs(x*y)", "abs(x)*abs(y)" }, { "abs(x)^2", "x^2" },
        { "abs(y - x)", "abs(x - y)" }, { "abs(2*x - 4)", "2*abs(x - 2)" }, { "relu(2*x)", "2*relu(x)" },
        { "relu(-p)", "0" }, { "relu(-2*x)", "2*relu(-x)" }, { "abs(x)/x", "abs(x)/x" }, { "relu(x)/x", "relu(x)/x" },
        { "x*(abs(x)/x)", "x*abs(x)/x" }, { "abs(x)/x*abs(x)/x", "x/x" } };
    size_t i;
    world w;

    (void) unused;
    world_init(&w);
    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        assert_prints(&w, read_text(&w, table[i][0]), table[i][1]);

    /* the nodes themselves */
    assert_int_equal(caustic_expr_op(w.pool, read_text(&w, "abs(x)/x")), CAUSTIC_OP_SIGN);
    assert_int_equal(caustic_expr_op(w.pool, read_text(&w, "relu(x - y)/(x - y)")), CAUSTIC_OP_STEP);
    assert_int_equal(caustic_expr_op(w.pool, read_text(&w, "x + 3")), CAUSTIC_OP_SUM);
    assert_true(fmpq_equals_si(caustic_expr_fmpq(w.pool, caustic_expr_child(w.pool, read_text(&w, "x + 3"), 0)), 3));
    assert_int_equal(caustic_expr_arity(w.pool, read_text(&w, "2*x*y")), 3);
    world_clear(&w);
}

/* The same expression whatever the order of construction and whatever was made before. */
static void test_order(void ** unused)
{
    slong trial, i, n = 12;
    world a;
    caustic_expr terms[12], shuffled[12], e;
    static const char * const texts[12] = { "x^2", "x*y", "y^2", "x", "exp(x)", "log(p)*x", "3*x*y*z", "1/x", "z^(1/2)",
        "sin(x + y)", "(x + y)^2", "7" };

    (void) unused;
    world_init(&a);
    for (i = 0; i < n; i++)
        terms[i] = read_text(&a, texts[i]);
    for (trial = 0; trial < 200; trial++)
    {
        memcpy(shuffled, terms, sizeof(terms));
        for (i = n - 1; i > 0; i--)
        {
            slong j = below(i + 1);

            e = shuffled[i];
            shuffled[i] = shuffled[j];
            shuffled[j] = e;
        }
        assert_int_equal(caustic_sum(a.pool, shuffled, n), caustic_sum(a.pool, terms, n));
        assert_int_equal(caustic_product(a.pool, shuffled, n), caustic_product(a.pool, terms, n));
        for (e = shuffled[0], i = 1; i < n; i++) /* one by one */
            e = caustic_add(a.pool, e, shuffled[i]);
        assert_int_equal(e, caustic_sum(a.pool, terms, n));
        for (e = shuffled[0], i = 1; i < n; i++)
            e = caustic_mul(a.pool, e, shuffled[i]);
        assert_int_equal(e, caustic_product(a.pool, terms, n));
    }
    {
        /* another pool, the parts made in the opposite order */
        char * one = caustic_expr_string(a.pool, caustic_sum(a.pool, terms, n)), * two;
        world b;

        world_init(&b);
        for (i = n - 1; i >= 0; i--)
            shuffled[i] = read_text(&b, texts[i]);
        two = caustic_expr_string(b.pool, caustic_sum(b.pool, shuffled, n));
        assert_string_equal(one, two);
        flint_free(one);
        flint_free(two);
        world_clear(&b);
    }
    {
        /* z1 < z2 < z10 */
        caustic_expr z[3] = { caustic_symbol(a.pool, "z10"), caustic_symbol(a.pool, "z2"), caustic_symbol(a.pool, "z1") };

        assert_prints(&a, caustic_product(a.pool, z, 3), "z1*z2*z10");
        assert_prints(&a, caustic_sum(a.pool, z, 3), "z1 + z2 + z10");
    }
    world_clear(&a);
}

/* Random expressions, with a reference that does not simplify ************************************/

/* A syntax tree: what was asked for, before any rule was applied. */
typedef struct
{
    caustic_op op;
    int a, b;          /* of SUM, PRODUCT; a of the others */
    slong p, q;        /* number or exponent p/q; symbol p */
    caustic_expr expr; /* what the library made of it */
}
tree;

typedef enum
{
    DEFINED,
    UNDEFINED, /* certainly */
    UNKNOWN
}
definedness;

static int random_tree(tree * t, world * w, int length)
{
    int i;
    fmpq_t q;

    fmpq_init(q);
    for (i = 0; i < length; i++)
    {
        slong kind = i < 4 ? below(6) > 0 : below(20) == 0 ? below(2) : 2 + below(10);

        t[i].a = i > 4 && below(3) ? i - 1 : i > 0 ? (int) below(i) : 0;
        t[i].b = i > 0 ? (int) below(i) : 0;
        if (kind == 0)
        {
            t[i].op = CAUSTIC_OP_NUMBER;
            t[i].p = below(9) - 4;
            t[i].q = below(3) ? 1 : 1 + below(4);
            fmpq_set_si(q, t[i].p, (ulong) t[i].q);
            t[i].expr = caustic_number(w->pool, q);
        }
        else if (kind == 1)
        {
            t[i].op = CAUSTIC_OP_SYMBOL;
            t[i].p = below(SYMBOLS);
            t[i].expr = w->symbols[t[i].p];
        }
        else if (kind <= 4)
        {
            t[i].op = CAUSTIC_OP_SUM;
            t[i].expr = caustic_add(w->pool, t[t[i].a].expr, t[t[i].b].expr);
        }
        else if (kind <= 7)
        {
            t[i].op = CAUSTIC_OP_PRODUCT;
            t[i].expr = caustic_mul(w->pool, t[t[i].a].expr, t[t[i].b].expr);
        }
        else if (kind <= 9)
        {
            static const slong exponents[][2] = { { -1, 1 }, { -1, 1 }, { 2, 1 }, { 2, 1 }, { 3, 1 }, { -2, 1 }, { -3, 1 },
                { 1, 2 }, { 1, 2 }, { -1, 2 }, { 3, 2 }, { 1, 3 }, { 2, 3 }, { -2, 3 }, { 0, 1 }, { 4, 1 } };
            slong k = below(16);

            t[i].op = CAUSTIC_OP_POWER;
            t[i].p = exponents[k][0];
            t[i].q = exponents[k][1];
            fmpq_set_si(q, t[i].p, (ulong) t[i].q);
            t[i].expr = caustic_power(w->pool, t[t[i].a].expr, q);
        }
        else
        {
            t[i].op = (caustic_op) (CAUSTIC_OP_EXP + below(CAUSTIC_OP_STEP - CAUSTIC_OP_EXP + 1));
            t[i].expr = caustic_function(w->pool, t[i].op, t[t[i].a].expr);
        }
        if (t[i].expr == CAUSTIC_NONE)
            i--; /* nowhere defined, or too large: another one */
    }
    fmpq_clear(q);
    return length - 1;
}

/* The value of entry i from those before it. */
static definedness reference(arb_t res, const tree * t, int i, const definedness * known, arb_srcptr values,
    arb_srcptr point, slong prec)
{
    arb_srcptr x = values + t[i].a, y = values + t[i].b;
    int binary = t[i].op == CAUSTIC_OP_SUM || t[i].op == CAUSTIC_OP_PRODUCT;
    fmpq_t e;

    if (t[i].op == CAUSTIC_OP_NUMBER)
    {
        arb_set_si(res, t[i].p);
        arb_div_si(res, res, t[i].q, prec);
        return DEFINED;
    }
    if (t[i].op == CAUSTIC_OP_SYMBOL)
    {
        arb_set(res, point + t[i].p);
        return DEFINED;
    }
    if (known[t[i].a] == UNDEFINED || (binary && known[t[i].b] == UNDEFINED))
        return UNDEFINED;
    if (known[t[i].a] == UNKNOWN || (binary && known[t[i].b] == UNKNOWN))
        return UNKNOWN;
    switch (t[i].op)
    {
        case CAUSTIC_OP_SUM:
            arb_add(res, x, y, prec);
            break;
        case CAUSTIC_OP_PRODUCT:
            arb_mul(res, x, y, prec);
            break;
        case CAUSTIC_OP_POWER:
            if (t[i].p < 0 && arb_is_zero(x))
                return UNDEFINED;
            if (t[i].q != 1 && arb_is_negative(x))
                return UNDEFINED;
            if ((t[i].p < 0 && arb_contains_zero(x)) || (t[i].q != 1 && !arb_is_nonnegative(x)))
                return UNKNOWN;
            if (arb_is_zero(x) && t[i].p > 0)
            {
                arb_zero(res);
                break;
            }
            fmpq_init(e);
            fmpq_set_si(e, t[i].p, (ulong) t[i].q);
            arb_pow_fmpq(res, x, e, prec);
            fmpq_clear(e);
            break;
        case CAUSTIC_OP_EXP: arb_exp(res, x, prec); break;
        case CAUSTIC_OP_LOG:
            if (arb_is_nonpositive(x))
                return UNDEFINED;
            if (!arb_is_positive(x))
                return UNKNOWN;
            arb_log(res, x, prec);
            break;
        case CAUSTIC_OP_SIN: arb_sin(res, x, prec); break;
        case CAUSTIC_OP_COS: arb_cos(res, x, prec); break;
        case CAUSTIC_OP_TAN: arb_tan(res, x, prec); break;
        case CAUSTIC_OP_ATAN: arb_atan(res, x, prec); break;
        case CAUSTIC_OP_SINH: arb_sinh(res, x, prec); break;
        case CAUSTIC_OP_COSH: arb_cosh(res, x, prec); break;
        case CAUSTIC_OP_TANH: arb_tanh(res, x, prec); break;
        case CAUSTIC_OP_SIGMOID: /* (1 + tanh(x/2))/2 */
            arb_mul_2exp_si(res, x, -1);
            arb_tanh(res, res, prec);
            arb_add_ui(res, res, 1, prec);
            arb_mul_2exp_si(res, res, -1);
            break;
        case CAUSTIC_OP_SOFTPLUS:
            arb_exp(res, x, prec);
            arb_add_ui(res, res, 1, prec);
            arb_log(res, res, prec);
            break;
        case CAUSTIC_OP_ERF: arb_hypgeom_erf(res, x, prec); break;
        case CAUSTIC_OP_ABS: arb_abs(res, x); break;
        case CAUSTIC_OP_RELU:
            if (arb_is_nonpositive(x))
                arb_zero(res);
            else if (arb_is_nonnegative(x))
                arb_set(res, x);
            else
                return UNKNOWN;
            break;
        case CAUSTIC_OP_SIGN: case CAUSTIC_OP_STEP:
            if (arb_is_zero(x))
                return UNDEFINED;
            if (arb_is_positive(x))
                arb_one(res);
            else if (arb_is_negative(x))
                arb_set_si(res, t[i].op == CAUSTIC_OP_SIGN ? -1 : 0);
            else
                return UNKNOWN;
            break;
        default:
            return UNKNOWN;
    }
    return arb_is_finite(res) ? DEFINED : UNKNOWN;
}

static definedness reference_value(arb_t res, const tree * t, int root, arb_srcptr point, slong prec)
{
    definedness * known = flint_malloc((root + 1) * sizeof(definedness)), result;
    arb_ptr values = _arb_vec_init(root + 1);
    char * used = flint_calloc(root + 1, 1);
    int i;

    used[root] = 1;
    for (i = root; i >= 0; i--)
    {
        if (!used[i] || t[i].op == CAUSTIC_OP_NUMBER || t[i].op == CAUSTIC_OP_SYMBOL)
            continue;
        used[t[i].a] = 1;
        if (t[i].op == CAUSTIC_OP_SUM || t[i].op == CAUSTIC_OP_PRODUCT)
            used[t[i].b] = 1;
    }
    for (i = 0; i <= root; i++)
        if (used[i])
            known[i] = reference(values + i, t, i, known, values, point, prec);
    arb_set(res, values + root);
    result = known[root];
    flint_free(known);
    flint_free(used);
    _arb_vec_clear(values, root + 1);
    return result;
}

/* Corners first: 0, +-1, +-1/2, 2, then others; p positive. */
static void random_point(arb_ptr point)
{
    static const double corners[] = { 0, 1, -1, 0.5, -0.5, 2, -2, 0.25 };
    slong i;

    for (i = 0; i < SYMBOLS; i++)
    {
        arb_set_d(point + i, below(2) ? corners[below(8)] : (double) (below(64) - 32) / 8);
        if (i == 3)
        {
            arb_abs(point + i, point + i);
            if (arb_is_zero(point + i))
                arb_one(point + i);
        }
    }
}

static void test_simplification(void ** unused)
{
    slong trial, k, defined = 0, undefined = 0, lost = 0, unknown = 0;
    arb_ptr point = _arb_vec_init(SYMBOLS);
    arb_t expected, found;

    (void) unused;
    arb_init(expected);
    arb_init(found);
    for (trial = 0; trial < 2500; trial++)
    {
        tree t[24];
        world w;
        caustic_tape * tape;
        int root;

        world_init(&w);
        root = random_tree(t, &w, 5 + (int) below(16));
        tape = caustic_tape_new(w.pool, &t[root].expr, 1, w.symbols, SYMBOLS);
        assert_non_null(tape);
        for (k = 0; k < 6; k++)
        {
            definedness known;

            random_point(point);
            known = reference_value(expected, t, root, point, 300);
            caustic_tape_evaluate_arb(found, tape, point, 300);
            if (known == DEFINED && arb_is_finite(found))
            {
                if (!arb_overlaps(expected, found))
                {
                    char * text = caustic_expr_string(w.pool, t[root].expr);

                    arb_printd(expected, 20);
                    arb_printd(found, 20);
                    fail_msg("the value of %s changed", text);
                }
                defined++;
            }
            else if (known == DEFINED)
            {
                lost++; /* a ball around 0 where the reference is exact */
            }
            else if (known == UNDEFINED)
            {
                if (arb_is_finite(found))
                {
                    char * text = caustic_expr_string(w.pool, t[root].expr);

                    for (k = 0; k < SYMBOLS; k++)
                        printf(" %g", arf_get_d(arb_midref(point + k), ARF_RND_NEAR));
                    for (k = 0; k <= root; k++)
                        printf("\n%d: op %d a %d b %d p %d q %d", (int) k, (int) t[k].op, t[k].a, t[k].b, (int) t[k].p, (int) t[k].q);
                    fail_msg("%s is defined where what it came from is not", text);
                }
                undefined++;
            }
            else
            {
                unknown++;
            }
        }
        caustic_tape_free(tape);
        world_clear(&w);
    }
    print_message("simplification: %d defined, %d undefined, %d unknown, %d lost\n", (int) defined, (int) undefined,
        (int) unknown, (int) lost);
    assert_true(defined > 8000);
    assert_true(undefined > 300);
    assert_true(lost * 50 < defined);
    arb_clear(expected);
    arb_clear(found);
    _arb_vec_clear(point, SYMBOLS);
}

static void test_round_trip(void ** unused)
{
    slong trial, done = 0;

    (void) unused;
    for (trial = 0; trial < 2500; trial++)
    {
        tree t[48];
        world w;
        int root, i;

        world_init(&w);
        root = random_tree(t, &w, 5 + (int) below(trial % 10 == 0 ? 40 : 18));
        for (i = 4; i <= root; i++)
        {
            caustic_expr e = t[i].expr, d, again = CAUSTIC_NONE;
            char * text = caustic_expr_string(w.pool, e);
            caustic_error_t error;

            caustic_error_init(error);
            if (strlen(text) < 20000)
            {
                if (caustic_parse(&again, w.pool, text, &w.scope, NULL, error) != CAUSTIC_OK)
                {
                    /* numbers of more digits than a text may have are the one excuse */
                    if (strstr(error->message, "digits") == NULL && strstr(error->message, "beyond") == NULL)
                        fail_msg("%s: %s", text, error->message);
                }
                else if (again != e)
                {
                    fail_msg("%s\nis read back as\n%s", text, caustic_expr_string(w.pool, again));
                }
                else
                {
                    done++;
                }
            }
            caustic_error_clear(error);
            flint_free(text);
            if (i == root && caustic_expr_nodes(w.pool, e) < 40)
            {
                d = caustic_derivative(w.pool, e, w.symbols[below(SYMBOLS)]);
                text = caustic_expr_string(w.pool, d);
                caustic_error_init(error);
                if (d != CAUSTIC_NONE && strlen(text) < 5000
                    && caustic_parse(&again, w.pool, text, &w.scope, NULL, error) == CAUSTIC_OK && again != d)
                    fail_msg("%s\nis read back as\n%s", text, caustic_expr_string(w.pool, again));
                caustic_error_clear(error);
                flint_free(text);
            }
        }
        world_clear(&w);
    }
    assert_true(done > 15000);
}

/* Errors *****************************************************************************************/

static void expect_error(world * w, const char * text, slong line, slong column, const char * part)
{
    caustic_origin origin = { "case.yaml", 10, 5 };
    caustic_error_t error;
    caustic_expr e;

    caustic_error_init(error);
    if (caustic_parse(&e, w->pool, text, &w->scope, &origin, error) == CAUSTIC_OK)
        fail_msg("'%s' parses", text);
    assert_int_equal(e, CAUSTIC_NONE);
    assert_int_equal(error->code, CAUSTIC_BAD_INPUT);
    assert_string_equal(error->file, "case.yaml");
    if (strstr(error->message, part) == NULL || error->line != line || error->column != column)
        fail_msg("'%.60s': %d:%d: %s", text, (int) error->line, (int) error->column, error->message);
    caustic_error_clear(error);
}

static void test_errors(void ** unused)
{
    static const struct { const char * text; slong line, column; const char * part; } table[] = {
        { "", 10, 5, "empty" }, { "  \n ", 11, 2, "empty" }, { "x +", 10, 8, "the end of the expression" },
        { "x + * y", 10, 9, "expected a number" }, { "x**2", 10, 7, "write ^" }, { "(x + 1", 10, 5, "never closed" },
        { "sin(x", 10, 5, "never closed" }, { "(x + (y", 10, 10, "never closed" }, { "x + 1)", 10, 10, "closes nothing" },
        { "2x", 10, 6, "2*x" }, { "2(x)", 10, 6, "2*(...)" }, { "(x)(y)", 10, 8, "operator is missing" }, { "x y", 10, 7, "operator is missing" },
        { "x 2", 10, 7, "operator is missing" }, { "w3", 10, 5, "undeclared symbol 'w3'; declared here are: x, y, z, p" },
        { "x1 + y", 10, 5, "did you mean 'x'" }, { "ln(x)", 10, 5, "log(...)" }, { "foo(x)", 10, 5, "unknown function 'foo'" },
        { "sqr(x)", 10, 5, "sqrt(...)" }, { "z(3)", 10, 5, "z*(...)" }, { "pi(3)", 10, 5, "pi*(...)" }, { "exp", 10, 5, "needs an argument" },
        { "sqrt + 1", 10, 5, "needs an argument" }, { "mean + 1", 10, 5, "needs an argument" }, { "sin()", 10, 9, "no argument" }, { "()", 10, 6, "expected a number" },
        { "x^y", 10, 6, "exp(b*log(a))" }, { "x^pi", 10, 6, "rational" }, { "x^sqrt(2)", 10, 6, "rational" },
        { "1/0", 10, 6, "division by zero" }, { "x/(2 - 2)", 10, 6, "division by zero" }, { "0^0", 10, 6, "0^0" }, { "0^-1", 10, 6, "division by zero" },
        { "log(0)", 10, 5, "logarithm" }, { "log(-2)", 10, 5, "logarithm" }, { "sqrt(-1)", 10, 5, "not negative" }, { "(-8)^(1/3)", 10, 9, "not negative" },
        { "sqrt(-p)", 10, 5, "not negative" }, { "tan(pi/2)", 10, 5, "division by zero" },
        { "x\n+\n $", 12, 2, "'$'" }, { "x \xe2\x88\x92 y", 10, 7, "U+2212" }, { "\xce\xbd*x", 10, 5, "U+03BD" }, { "x\xff", 10, 6, "\\xff" },
        { "x\x01", 10, 6, "\\x01" }, { "x\x7f", 10, 6, "\\x7f" }, { "x \xc2\xb2", 10, 7, "write ^2" }, { "x = y", 10, 7, "not an equation" },
        { "1,5", 10, 6, "point" }, { "[x]", 10, 5, "( )" }, { ".5", 10, 5, "0.5" }, { "5.", 10, 7, "after the decimal point" }, { "u_z", 10, 5, "derivative" },
        { "_x", 10, 5, "found '_'" }, { "mean(x)", 10, 5, "no data" }, { "sum(x)", 10, 5, "no data" }, { "x^10001", 10, 6, "beyond 10000" },
        { "x^(1/10001)", 10, 6, "beyond 10000" }, { "x^-10001", 10, 6, "beyond 10000" }, { "x^(10^20)", 10, 6, "beyond 10000" },
        { "x^10000*x^10000", 10, 12, "beyond 10000" }, { "2^10000^10000", 10, 12, "10000 digits" }, { "10^10000*10^10000", 10, 13, "10000 digits" },
        { "1e400000", 10, 5, "10000 digits" }, { "1e-99999999999999999999999", 10, 5, "10000 digits" }, { "99^9999", 10, 7, "10000 digits" } };
    size_t i;
    world w;

    (void) unused;
    world_init(&w);
    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        expect_error(&w, table[i].text, table[i].line, table[i].column, table[i].part);

    w.scope.derivatives = 1;
    expect_error(&w, "u_z_z + x", 10, 5, "undeclared symbol 'u_z_z'");
    world_clear(&w);
}

/* `count` times a piece, then an end. */
static char * repeated(const char * piece, slong count, const char * end)
{
    caustic_text_t text;
    char * string;
    slong i;

    caustic_text_init(text);
    for (i = 0; i < count; i++)
        caustic_text_append(text, piece);
    caustic_text_append(text, end);
    string = caustic_text_take(text);
    caustic_text_clear(text);
    return string;
}

static void test_limits(void ** unused)
{
    static const struct { const char * piece; slong count; const char * end; const char * part; } table[] = {
        { "-", 300000, "x", "nested more than 1000" }, { "(", 200000, "x", "nested more than 1000" },
        { "(", 1001, "x", "nested more than 1000" }, { "sin(", 1001, "x", "nested more than 1000" },
        { "x^", 1001, "2", "nested more than 1000" }, { "x+", 300000, "x", "100000 nodes" },
        { "9", 10001, "", "10000 digits" }, { "9e9999*", 50000, "x", "together" }, { "9e9999*", 500, "x", "10000 digits" }, { "9e9999+", 50000, "x", "together" },
        { "1/9e9999+1/7e9999^", 1, "x", "rational" },
        { "x*", 150000, "x", "100000 nodes" }, { "2^", 900, "2", "" }, { "0.", 1, "", "after the decimal" } };
    size_t i;
    double begin;
    world w;
    char * text;

    (void) unused;
    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
    {
        caustic_error_t error;
        caustic_expr e;

        world_init(&w);
        text = repeated(table[i].piece, table[i].count, table[i].end);
        caustic_error_init(error);
        begin = seconds();
        assert_int_equal(caustic_parse(&e, w.pool, text, &w.scope, NULL, error), CAUSTIC_BAD_INPUT);
        if (strstr(error->message, table[i].part) == NULL)
            fail_msg("%s x %d: %s", table[i].piece, (int) table[i].count, error->message);
        if (seconds() - begin > 1.0) /* generous for sanitizers */
            fail_msg("%s x %d took %g s", table[i].piece, (int) table[i].count, seconds() - begin);
        caustic_error_clear(error);
        flint_free(text);
        world_clear(&w);
    }

    /* just inside */
    world_init(&w);
    text = repeated("(", 1000, "x");
    {
        char * closing = repeated(")", 1000, ""), * whole = flint_malloc(3000);

        strcpy(whole, text);
        strcat(whole, closing);
        assert_int_equal(read_text(&w, whole), w.symbols[0]);
        flint_free(closing);
        flint_free(whole);
        flint_free(text);
    }
    text = repeated("-", 1000, "x");
    assert_int_equal(read_text(&w, text), w.symbols[0]);
    flint_free(text);
    text = repeated("x + ", 50000, "x");
    assert_prints(&w, read_text(&w, text), "50001*x");
    flint_free(text);
    text = repeated("9", 10000, "");
    read_text(&w, text);
    flint_free(text);
    read_text(&w, "x^10000");
    read_text(&w, "1e9999");
    read_text(&w, "1e-9999");
    world_clear(&w);
}

/* The sum of x_i^2 y_i over many symbols, and one very deep expression. */
static void test_size(void ** unused)
{
    caustic_pool * pool = caustic_pool_new();
    caustic_expr * terms = flint_malloc(30000 * sizeof(caustic_expr)), e, x, d;
    caustic_tape * tape;
    caustic_text_t text;
    char name[32];
    slong i;
    double begin = seconds();

    (void) unused;
    for (i = 0; i < 30000; i++)
    {
        snprintf(name, sizeof(name), "x%d", (int) (i * 7919 % 30000));
        x = caustic_symbol(pool, name);
        terms[i] = caustic_mul(pool, caustic_power_si(pool, x, 2), caustic_function(pool, CAUSTIC_OP_SIN, x));
    }
    e = caustic_sum(pool, terms, 30000);
    assert_int_equal(caustic_expr_nodes(pool, e), 4 * 30000 + 1);
    caustic_derivative(pool, e, caustic_symbol(pool, "x77"));
    print_message("120,001 nodes made and differentiated in %.3f s\n", seconds() - begin);
    assert_true(seconds() - begin < 5); /* generous for sanitizers */

    /* depth 100,000: loops, not recursion */
    x = caustic_symbol(pool, "x1");
    for (e = x, i = 0; i < 100000; i++)
        e = caustic_function(pool, i % 2 ? CAUSTIC_OP_SIN : CAUSTIC_OP_ATAN, e);
    assert_int_equal(caustic_expr_nodes(pool, e), 100001);
    tape = caustic_tape_new(pool, &e, 1, &x, 1);
    assert_non_null(tape);
    assert_true(tape->registers < 10); /* dead values give their registers back */
    caustic_tape_free(tape);
    assert_true(caustic_substitute(pool, e, &x, terms, 1) != CAUSTIC_NONE);
    assert_true(caustic_expr_depends(pool, e, x));
    caustic_text_init(text);
    caustic_expr_print(text, pool, e);
    assert_true(text->length > 400000);

    /* the chain rule gives a product of as many factors as the depth */
    for (e = x, i = 0; i < 400; i++)
        e = caustic_function(pool, i % 2 ? CAUSTIC_OP_SIN : CAUSTIC_OP_ATAN, e);
    d = caustic_derivative(pool, e, x);
    assert_int_equal(caustic_expr_arity(pool, d), 400);

    /* f(f) written out would have 2^200 terms */
    for (e = x, i = 0; i < 200; i++)
        e = caustic_mul(pool, caustic_function(pool, CAUSTIC_OP_SIN, e), caustic_function(pool, CAUSTIC_OP_COS, e));
    caustic_text_reset(text);
    caustic_expr_print(text, pool, e);
    assert_true(text->length < (1 << 20) + 100);
    assert_string_equal(text->data + text->length - 3, "...");
    caustic_text_reset(text);
    caustic_expr_latex(text, pool, e);
    assert_true(text->length < (1 << 20) + 100);
    assert_true(caustic_expr_nodes(pool, e) < 1000);
    d = caustic_derivative(pool, e, x);
    assert_true(caustic_expr_nodes(pool, d) < 10000);
    caustic_text_clear(text);

    /* a product of many factors */
    for (i = 0; i < 3000; i++)
    {
        snprintf(name, sizeof(name), "x%d", (int) i);
        terms[i] = caustic_add(pool, x, caustic_symbol(pool, name));
    }
    e = caustic_product(pool, terms, 3000);
    begin = seconds();
    d = caustic_derivative(pool, e, x);
    assert_true(d != CAUSTIC_NONE);
    assert_true(seconds() - begin < 5);
    flint_free(terms);
    caustic_pool_free(pool);
}

static void test_fuzz(void ** unused)
{
    static const char * const seeds[] = { "2*z^2 - sqrt(x)/(y + 1)", "mean((z*a - b)^2/2)", "exp(-x^2/2)*erf(y)", "log(1 + exp(-x*z))",
        "sum(a*x)^(1/2)", "-x^-3 + 1e-30*abs(p - 3.25)", "tanh(sigmoid(softplus(relu(x - 1))))", "x^2^3/(2 - y)^(3/2)" };
    static const char alphabet[] = "xyzpab0123456789+-*/^().eE \n_=,sqrtlogmeansu";
    char * columns[2] = { "a", "b" };
    slong trial, parsed = 0;
    world w;
    caustic_data data;
    caustic_expr entries[4];

    (void) unused;
    world_init(&w);
    for (trial = 0; trial < 100000; trial++)
    {
        char text[80];
        size_t length, i, edits;
        caustic_error_t error;
        caustic_expr e;

        if (trial % 4000 == 0) /* a pool keeps everything */
        {
            world_clear(&w);
            world_init(&w);
            for (i = 0; i < 4; i++)
                entries[i] = caustic_integer(w.pool, (slong) i - 1);
            data.rows = data.columns = 2;
            data.names = columns;
            data.entries = entries;
            w.scope.data = &data;
        }
        if (trial % 3 == 0)
        {
            length = (size_t) below(24);
            for (i = 0; i < length; i++)
                text[i] = (char) (below(4) ? alphabet[below((slong) sizeof(alphabet) - 1)] : 1 + below(255));
            text[length] = '\0';
        }
        else
        {
            strcpy(text, seeds[below(8)]);
            length = strlen(text);
            edits = (size_t) below(4);
            for (i = 0; i < edits; i++)
                text[below((slong) length)] = trial % 3 == 1 ? alphabet[below((slong) sizeof(alphabet) - 1)] : (char) (1 + below(255));
        }
        caustic_error_init(error);
        if (caustic_parse(&e, w.pool, text, &w.scope, NULL, error) == CAUSTIC_OK)
        {
            assert_true(e != CAUSTIC_NONE);
            parsed++;
        }
        else
        {
            size_t k;

            assert_int_equal(e, CAUSTIC_NONE);
            assert_non_null(error->message);
            assert_true(error->line >= 1 && error->column >= 1);
            for (k = 0; error->message[k] != '\0'; k++) /* messages show nothing raw */
                assert_true(error->message[k] >= 0x20 && error->message[k] < 0x7f);
        }
        caustic_error_clear(error);
    }
    print_message("fuzz: %d of 100000 parsed\n", (int) parsed);
    assert_true(parsed > 1000 && parsed < 99000);
    world_clear(&w);
}

/* Equations, numbers, data ***********************************************************************/

static void test_equation(void ** unused)
{
    caustic_origin origin = { "f", 3, 7 };
    caustic_error_t error;
    caustic_expr left, right;
    world w;

    (void) unused;
    world_init(&w);
    caustic_error_init(error);
    assert_int_equal(caustic_parse_equation(&left, &right, w.pool, "x^2 = 1 + y", &w.scope, &origin, error), CAUSTIC_OK);
    assert_prints(&w, left, "x^2");
    assert_prints(&w, right, "y + 1");
    assert_int_equal(caustic_parse_equation(&left, &right, w.pool, "x^2", &w.scope, &origin, error), CAUSTIC_BAD_INPUT);
    assert_int_equal(left, CAUSTIC_NONE);
    assert_int_equal(caustic_parse_equation(&left, &right, w.pool, "x = y = z", &w.scope, &origin, error), CAUSTIC_BAD_INPUT);
    assert_int_equal(error->column, 13);
    assert_int_equal(caustic_parse_equation(&left, &right, w.pool, "x = ", &w.scope, &origin, error), CAUSTIC_BAD_INPUT);
    assert_int_equal(caustic_parse_equation(&left, &right, w.pool, "x\n = 2 $", &w.scope, &origin, error), CAUSTIC_BAD_INPUT);
    assert_int_equal(error->line, 4);
    assert_int_equal(error->column, 6);
    assert_int_equal(left, CAUSTIC_NONE);
    assert_int_equal(right, CAUSTIC_NONE);
    caustic_error_clear(error);
    world_clear(&w);
}

static void test_fmpq(void ** unused)
{
    static const struct { const char * text; const char * value; } good[] = {
        { "0.05", "1/20" }, { "1/20", "1/20" }, { "-3e-2", "-3/100" }, { " 7 ", "7" }, { "+2", "2" }, { "1.5/-0.5", "-3" }, { "2E3", "2000" } };
    static const char * const bad[] = { "", "x", "1/0", "1//2", "1/2/3", "1e", "--1", "0x10", "1 2", "inf", "nan", "1e99999", ".5", "1." };
    caustic_origin origin = { "f", 1, 1 };
    caustic_error_t error;
    fmpq_t q, expected;
    size_t i;

    (void) unused;
    fmpq_init(q);
    fmpq_init(expected);
    caustic_error_init(error);
    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
    {
        assert_int_equal(caustic_parse_fmpq(q, good[i].text, &origin, error), CAUSTIC_OK);
        fmpq_set_str(expected, good[i].value, 10);
        assert_true(fmpq_equal(q, expected));
    }
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    {
        fmpq_set_si(q, 17, 1);
        assert_int_equal(caustic_parse_fmpq(q, bad[i], &origin, error), CAUSTIC_BAD_INPUT);
        assert_true(fmpq_equals_si(q, 17));
    }
    caustic_error_clear(error);
    fmpq_clear(q);
    fmpq_clear(expected);
}

static void test_data(void ** unused)
{
    char * columns[2] = { "a", "t" };
    caustic_expr entries[6];
    caustic_data data = { 3, 2, columns, entries };
    slong i;
    world w;

    (void) unused;
    world_init(&w);
    for (i = 0; i < 6; i++)
        entries[i] = caustic_integer(w.pool, i + 1); /* (1,2), (3,4), (5,6) */
    w.scope.data = &data;
    assert_prints(&w, read_text(&w, "sum(a)"), "9");
    assert_prints(&w, read_text(&w, "mean(t)"), "4");
    assert_prints(&w, read_text(&w, "sum(x)"), "3*x");
    assert_prints(&w, read_text(&w, "mean(x*a)"), "3*x");
    assert_prints(&w, read_text(&w, "sum((x*a - t)^2)"), "(x - 2)^2 + (5*x - 6)^2 + (3*x - 4)^2");
    assert_int_equal(read_text(&w, "mean((x*a - t)^2)/2"), read_text(&w, "((x - 2)^2 + (3*x - 4)^2 + (5*x - 6)^2)/6"));
    assert_prints(&w, read_text(&w, "sum(a)*sum(t) - 2"), "106");
    expect_error(&w, "mean(a + sum(t))", 10, 14, "inside mean");
    expect_error(&w, "sum(mean(t))", 10, 9, "inside sum");
    expect_error(&w, "a + 1", 10, 5, "data column");
    expect_error(&w, "x^a", 10, 7, "data column");
    expect_error(&w, "sum(x^a)", 10, 10, "rational");
    expect_error(&w, "sum(1/(a - 3))", 10, 5, "data row 2: division by zero");
    expect_error(&w, "sum(log(2 - a))", 10, 5, "data row 2: the logarithm");
    expect_error(&w, "sum(a", 10, 5, "never closed");

    /* a name that is both: an error inside, the symbol outside */
    columns[0] = "x";
    assert_prints(&w, read_text(&w, "x + sum(t)"), "x + 12");
    expect_error(&w, "sum(x)", 10, 9, "both a data column and");
    data.rows = 0;
    expect_error(&w, "sum(t)", 10, 5, "without rows");
    world_clear(&w);
}

/* More names than a linear search is used for. */
static void test_scope(void ** unused)
{
    caustic_pool * pool = caustic_pool_new();
    caustic_name names[200];
    caustic_scope scope = { names, 200, NULL, 1 };
    char text[200][16];
    caustic_error_t error;
    caustic_expr e;
    slong i;

    (void) unused;
    for (i = 0; i < 200; i++)
    {
        snprintf(text[i], 16, i % 2 ? "w%d" : "u_z%d", (int) (i * 37 % 200));
        names[i].name = text[i];
        names[i].value = i % 3 ? caustic_symbol(pool, text[i]) : caustic_integer(pool, i);
    }
    caustic_error_init(error);
    for (i = 0; i < 200; i++)
    {
        assert_int_equal(caustic_parse(&e, pool, text[i], &scope, NULL, error), CAUSTIC_OK);
        assert_int_equal(e, names[i].value);
    }
    assert_int_equal(caustic_parse(&e, pool, "w", &scope, NULL, error), CAUSTIC_BAD_INPUT);
    assert_non_null(strstr(error->message, "and 188 more"));
    assert_int_equal(caustic_parse(&e, pool, "w1x", &scope, NULL, error), CAUSTIC_BAD_INPUT);
    caustic_error_clear(error);
    caustic_pool_free(pool);
}

/* Looking, calculus, writing *********************************************************************/

static void test_looking(void ** unused)
{
    world w;
    caustic_expr e, * symbols;
    slong count;
    fmpq_t q;

    (void) unused;
    world_init(&w);
    fmpq_init(q);
    fmpq_set_si(q, 3, 4);
    assert_int_equal(caustic_symbol(w.pool, "x"), w.symbols[0]);
    assert_true(caustic_expr_is_positive_symbol(w.pool, w.symbols[3]));
    assert_false(caustic_expr_is_positive_symbol(w.pool, w.symbols[0]));
    assert_false(caustic_expr_is_positive_symbol(w.pool, caustic_integer(w.pool, 3)));
    assert_string_equal(caustic_expr_name(w.pool, w.symbols[1]), "y");
    assert_true(fmpq_equal(caustic_expr_fmpq(w.pool, caustic_number(w.pool, q)), q));
    e = read_text(&w, "p*sin(y) + exp(y)");
    assert_int_equal(caustic_expr_nodes(w.pool, e), 6);
    count = caustic_expr_symbols(&symbols, w.pool, e);
    assert_int_equal(count, 2);
    assert_int_equal(symbols[0], w.symbols[1]);
    assert_int_equal(symbols[1], w.symbols[3]);
    flint_free(symbols);
    assert_true(caustic_expr_depends(w.pool, e, w.symbols[1]));
    assert_false(caustic_expr_depends(w.pool, e, w.symbols[0]));

    /* periods by form */
    e = read_text(&w, "cos(3*x/2) + exp(sin(x)*cos(2*x + y))");
    assert_int_equal(caustic_expr_period(w.pool, &e, 1, w.symbols[0]), read_text(&w, "4*pi"));
    e = read_text(&w, "cos(x) + cos(sqrt(2)*x)");
    assert_int_equal(caustic_expr_period(w.pool, &e, 1, w.symbols[0]), CAUSTIC_NONE);
    e = read_text(&w, "x*cos(x)");
    assert_int_equal(caustic_expr_period(w.pool, &e, 1, w.symbols[0]), CAUSTIC_NONE);
    e = read_text(&w, "cos(x^2)");
    assert_int_equal(caustic_expr_period(w.pool, &e, 1, w.symbols[0]), CAUSTIC_NONE);

    /* CAUSTIC_NONE travels */
    assert_int_equal(caustic_add(w.pool, CAUSTIC_NONE, e), CAUSTIC_NONE);
    assert_int_equal(caustic_sub(w.pool, e, CAUSTIC_NONE), CAUSTIC_NONE);
    assert_int_equal(caustic_mul(w.pool, CAUSTIC_NONE, e), CAUSTIC_NONE);
    assert_int_equal(caustic_div(w.pool, e, caustic_integer(w.pool, 0)), CAUSTIC_NONE);
    assert_int_equal(caustic_div(w.pool, e, caustic_sub(w.pool, e, e)), CAUSTIC_NONE);
    assert_int_equal(caustic_neg(w.pool, CAUSTIC_NONE), CAUSTIC_NONE);
    assert_int_equal(caustic_sqrt(w.pool, CAUSTIC_NONE), CAUSTIC_NONE);
    assert_int_equal(caustic_power(w.pool, CAUSTIC_NONE, q), CAUSTIC_NONE);
    assert_int_equal(caustic_power_si(w.pool, caustic_integer(w.pool, 0), 0), CAUSTIC_NONE);
    assert_int_equal(caustic_function(w.pool, CAUSTIC_OP_EXP, CAUSTIC_NONE), CAUSTIC_NONE);
    assert_int_equal(caustic_function(w.pool, CAUSTIC_OP_LOG, caustic_integer(w.pool, 0)), CAUSTIC_NONE);
    assert_int_equal(caustic_function(w.pool, CAUSTIC_OP_SIGN, caustic_integer(w.pool, 0)), CAUSTIC_NONE);
    assert_int_equal(caustic_function(w.pool, CAUSTIC_OP_LOG, read_text(&w, "0*log(x)")), CAUSTIC_NONE);
    assert_int_equal(caustic_power_si(w.pool, read_text(&w, "0*log(x) + 0/y"), -1), CAUSTIC_NONE);
    assert_int_equal(caustic_function(w.pool, CAUSTIC_OP_SUM, e), CAUSTIC_NONE);
    assert_int_equal(caustic_derivative(w.pool, CAUSTIC_NONE, w.symbols[0]), CAUSTIC_NONE);
    assert_int_equal(caustic_substitute(w.pool, CAUSTIC_NONE, NULL, NULL, 0), CAUSTIC_NONE);
    assert_int_equal(caustic_sum(w.pool, NULL, 0), caustic_integer(w.pool, 0));
    assert_int_equal(caustic_product(w.pool, NULL, 0), caustic_integer(w.pool, 1));
    assert_prints(&w, caustic_pi(w.pool), "pi");
    fmpq_clear(q);
    world_clear(&w);
}

static void test_kink(void ** state)
{
    world w;
    caustic_expr x, y, third, kink, e;
    fmpq_t q;
    arb_t ball;

    (void) state;
    world_init(&w);
    arb_init(ball);
    fmpq_init(q);
    fmpq_set_si(q, 1, 3);
    x = w.symbols[0];
    y = w.symbols[1];
    third = caustic_sub(w.pool, x, caustic_number(w.pool, q));
    kink = caustic_function(w.pool, CAUSTIC_OP_RELU, third);
    e = caustic_add(w.pool, x, caustic_function(w.pool, CAUSTIC_OP_EXP, kink));
    arb_set_fmpq(ball, q, 64);
    assert_int_equal(caustic_expr_kink(w.pool, e, x, ball, 64), caustic_expr_kink(w.pool, kink, x, ball, 64));
    assert_int_not_equal(caustic_expr_kink(w.pool, e, x, ball, 64), CAUSTIC_NONE);
    assert_int_equal(caustic_expr_kink(w.pool, third, x, ball, 64), CAUSTIC_NONE);
    /* just beside it, and as near as the ball reaches */
    arb_set_d(ball, 0.3334);
    assert_int_equal(caustic_expr_kink(w.pool, e, x, ball, 64), CAUSTIC_NONE);
    mag_set_d(arb_radref(ball), 0.0001);
    assert_int_not_equal(caustic_expr_kink(w.pool, e, x, ball, 64), CAUSTIC_NONE);
    /* of another symbol: nothing is known of it */
    assert_int_equal(caustic_expr_kink(w.pool, e, y, ball, 64), CAUSTIC_NONE);
    fmpq_clear(q);
    arb_clear(ball);
    world_clear(&w);
}

/* Branches: what stands between kinks, and what is not decided at them. */
static void test_branches(void ** unused)
{
    world w;
    caustic_expr x, e, * arguments;
    arb_t ball;

    (void) unused;
    world_init(&w);
    x = w.symbols[0];
    arb_init(ball);
    e = read_text(&w, "relu(x - 1)^2 + abs(abs(x) - 2)*exp(x) + y*relu(x - 1)/(x - 1)");
    assert_int_equal(caustic_expr_branch_arguments(&arguments, w.pool, e), 3);
    flint_free(arguments);
    assert_int_equal(caustic_expr_branch_arguments(&arguments, w.pool, x), 0);
    flint_free(arguments);
    arb_set_si(ball, 3);
    assert_int_equal(caustic_expr_branch(w.pool, e, x, ball, 64), read_text(&w, "(x - 1)^2 + (x - 2)*exp(x) + y"));
    arb_set_si(ball, -1);
    assert_int_equal(caustic_expr_branch(w.pool, e, x, ball, 64), read_text(&w, "(2 + x)*exp(x)"));
    arb_set_si(ball, 1);
    assert_int_equal(caustic_expr_branch(w.pool, e, x, ball, 64), CAUSTIC_NONE);
    arb_set_d(ball, 1.5);
    mag_set_d(arb_radref(ball), 0.6);
    assert_int_equal(caustic_expr_branch(w.pool, e, x, ball, 64), CAUSTIC_NONE);
    arb_clear(ball);
    world_clear(&w);
}

static void test_derivatives_known(void ** unused)
{
    static const char * const table[][2] = {
        { "x^3", "3*x^2" }, { "3*log(x)", "3/x" }, { "y", "0" }, { "x*y*z", "y*z" }, { "sin(x)", "cos(x)" }, { "cos(x)", "-sin(x)" },
        { "tan(x)", "tan(x)^2 + 1" }, { "atan(x)", "1/(x^2 + 1)" }, { "sinh(2*x)", "2*cosh(2*x)" }, { "cosh(x)", "sinh(x)" },
        { "tanh(x)", "1 - tanh(x)^2" }, { "sigmoid(x)", "sigmoid(x)*sigmoid(-x)" }, { "softplus(x)", "sigmoid(x)" },
        { "erf(x)", "2*exp(-x^2)/sqrt(pi)" }, { "sqrt(x)", "1/(2*sqrt(x))" }, { "exp(-x^2)", "-2*x*exp(-x^2)" }, { "abs(x)", "abs(x)/x" },
        { "relu(x - y)", "relu(x - y)/(x - y)" }, { "log(y)*x", "log(y)" }, { "log(y) + x^2", "2*x" }, { "x^10000", "10000*x^9999" },
        { "abs(x)/x", "0*abs(x)/x" } };
    size_t i;
    world w;

    (void) unused;
    world_init(&w);
    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        assert_prints(&w, caustic_derivative(w.pool, read_text(&w, table[i][0]), w.symbols[0]), table[i][1]);
    world_clear(&w);
}

/* exp becomes cosh, sums their first term, and each node is seen once. */
static caustic_expr
first_term(caustic_pool * pool, caustic_expr e, void * count)
{
    (*(slong *) count)++;
    if (caustic_expr_op(pool, e) == CAUSTIC_OP_EXP)
        return caustic_function(pool, CAUSTIC_OP_COSH, caustic_expr_child(pool, e, 0));
    return caustic_expr_op(pool, e) == CAUSTIC_OP_SUM ? caustic_expr_child(pool, e, 0) : e;
}

static void test_rewriting(void ** unused)
{
    world w;
    slong count = 0;
    caustic_expr e;

    (void) unused;
    world_init(&w);
    e = read_text(&w, "sin(exp(x))*exp(x)");
    assert_int_equal(caustic_rewrite(w.pool, e, first_term, &count), read_text(&w, "sin(cosh(x))*cosh(x)"));
    assert_int_equal(count, 3);
    e = read_text(&w, "tanh(x + y)^2");
    assert_int_equal(caustic_rewrite(w.pool, e, first_term, &count),
        read_text(&w, caustic_expr_child(w.pool, read_text(&w, "x + y"), 0) == w.symbols[0] ? "tanh(x)^2" : "tanh(y)^2"));
    assert_int_equal(caustic_rewrite(w.pool, w.symbols[0], first_term, &count), w.symbols[0]);
    assert_int_equal(caustic_rewrite(w.pool, CAUSTIC_NONE, first_term, &count), CAUSTIC_NONE);
    assert_int_equal(count, 6);
    world_clear(&w);
}

static void test_substitution(void ** unused)
{
    world w;
    caustic_expr e, values[3];

    (void) unused;
    world_init(&w);
    e = read_text(&w, "x^2 + x*y - sin(x + z)");
    values[0] = w.symbols[1]; /* x and y exchanged at once */
    values[1] = w.symbols[0];
    values[2] = read_text(&w, "2*x");
    assert_int_equal(caustic_substitute(w.pool, e, w.symbols, values, 3), read_text(&w, "y^2 + x*y - sin(y + 2*x)"));
    assert_int_equal(caustic_substitute(w.pool, e, w.symbols, values, 0), e);
    values[0] = caustic_integer(w.pool, 0);
    assert_int_equal(caustic_substitute(w.pool, read_text(&w, "y/x"), w.symbols, values, 1), CAUSTIC_NONE);
    assert_int_equal(caustic_substitute(w.pool, read_text(&w, "y*0/x"), w.symbols, values, 1), CAUSTIC_NONE);
    values[0] = w.symbols[3]; /* the domain improves */
    assert_int_equal(caustic_substitute(w.pool, read_text(&w, "sqrt(x^2) + x/x"), w.symbols, values, 1), read_text(&w, "p + 1"));
    world_clear(&w);
}

static void test_latex(void ** unused)
{
    static const char * const table[][2] = {
        { "2*z^2", "2 z^{2}" }, { "z/2", "\\frac{z}{2}" }, { "(z - 2)^2/2", "\\frac{\\left(z - 2\\right)^{2}}{2}" },
        { "(z - 2)/y", "\\frac{z - 2}{y}" }, { "1/(z - 2)", "\\frac{1}{z - 2}" }, { "sqrt(x)/2", "\\frac{\\sqrt{x}}{2}" }, { "x^(3/2)", "x^{3/2}" },
        { "exp(-x)", "\\exp\\left(-x\\right)" }, { "sigmoid(x)", "\\sigma\\left(x\\right)" }, { "softplus(x)", "\\operatorname{softplus}\\left(x\\right)" },
        { "abs(x)", "\\left|x\\right|" }, { "pi*x", "\\pi x" }, { "2*3^(1/3)", "2 \\cdot 3^{1/3}" }, { "-x - 3", "-x - 3" } };
    static const char * const names[][2] = {
        { "z1", "z_{1}" }, { "m11", "m_{11}" }, { "w3x12", "w_{3,12}" }, { "x2", "x_{2}" }, { "ax", "\\mathrm{ax}" }, { "nu", "\\nu" }, { "beta2", "\\beta_{2}" }, { "loss", "\\mathrm{loss}" }, { "u_z_z", "u_{z z}" },
        { "u_t", "u_{t}" }, { "v_z", "v_{z}" }, { "v_z_t", "\\partial_{t} v_{z}" }, { "v_z1_z2", "\\partial_{z_{2}} v_{z_{1}}" },
        { "v_z_z_z", "\\partial_{z}^{2} v_{z}" }, { "v_z1_z2_z2_z1", "\\partial_{z_{2}}^{2} \\partial_{z_{1}} v_{z_{1}}" },
        { "v_z_z_z1_t_t_t", "\\partial_{z} \\partial_{z_{1}} \\partial_{t}^{3} v_{z}" },
        { "u_z1_z2", "u_{z_{1} z_{2}}" } };
    size_t i;
    world w;
    caustic_text_t text;

    (void) unused;
    world_init(&w);
    caustic_text_init(text);
    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
    {
        caustic_text_reset(text);
        caustic_expr_latex(text, w.pool, read_text(&w, table[i][0]));
        assert_string_equal(text->data, table[i][1]);
    }
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    {
        caustic_text_reset(text);
        caustic_expr_latex(text, w.pool, caustic_symbol(w.pool, names[i][0]));
        assert_string_equal(text->data, names[i][1]);
    }
    caustic_text_clear(text);
    world_clear(&w);
}

/* Tapes ******************************************************************************************/

static void random_box(arb_ptr box, slong n)
{
    slong i;

    for (i = 0; i < n; i++)
    {
        arb_set_d(box + i, (double) (below(128) - 64) / 16);
        if (below(4))
            mag_set_ui_2exp_si(arb_radref(box + i), 1 + (ulong) below(100), below(3) ? -7 : -40);
        if (i == 3)
        {
            arb_abs(box + i, box + i);
            arb_add_ui(box + i, box + i, 1, 53);
        }
    }
}

/* A point of the box with exact coordinates. */
static void random_point_inside(arb_ptr point, arb_srcptr box, slong n)
{
    slong i;
    arb_t t;

    arb_init(t);
    for (i = 0; i < n; i++)
    {
        arb_set_d(t, (double) (below(3) ? below(257) - 128 : below(2) ? 128 : -128) / 128);
        arb_get_rad_arb(point + i, box + i);
        arb_mul(point + i, point + i, t, 1000);
        arb_get_mid_arb(t, box + i);
        arb_add(point + i, point + i, t, 1000);
    }
    arb_clear(t);
}

static void test_containment(void ** unused)
{
    slong trial, k, checked = 0;
    arb_ptr box = _arb_vec_init(SYMBOLS), point = _arb_vec_init(SYMBOLS);
    arb_t wide, value, kept;

    (void) unused;
    arb_init(wide);
    arb_init(value);
    arb_init(kept);
    for (trial = 0; trial < 2500; trial++)
    {
        tree t[20];
        world w;
        caustic_tape * tape;
        caustic_evaluator * evaluator;
        int root;

        world_init(&w);
        root = random_tree(t, &w, 5 + (int) below(12));
        tape = caustic_tape_new(w.pool, &t[root].expr, 1, w.symbols, SYMBOLS);
        evaluator = caustic_evaluator_new(tape);
        random_box(box, SYMBOLS);
        caustic_tape_evaluate_arb(wide, tape, box, 30 + below(100));
        if (arb_is_finite(wide))
        {
            for (k = 0; k < 5; k++)
            {
                definedness known;

                random_point_inside(point, box, SYMBOLS);
                known = reference_value(value, t, root, point, 400);
                assert_true(known != UNDEFINED);
                if (known == DEFINED)
                {
                    assert_true(arb_overlaps(wide, value));
                    checked++;
                    /* an evaluator, whatever it did before */
                    caustic_evaluate_arb(kept, evaluator, point, 30 + below(500));
                    assert_true(!arb_is_finite(kept) || arb_overlaps(kept, value));
                }
            }
        }
        caustic_evaluate_arb(kept, evaluator, box, 30 + below(100));
        assert_int_equal(arb_is_finite(kept), arb_is_finite(wide));
        caustic_evaluator_free(evaluator);
        caustic_tape_free(tape);
        world_clear(&w);
    }
    assert_true(checked > 3000);
    arb_clear(wide);
    arb_clear(value);
    arb_clear(kept);
    _arb_vec_clear(box, SYMBOLS);
    _arb_vec_clear(point, SYMBOLS);
}

/* Progressions against single evaluations: exp of affine, of not affine and of nothing, registers that are used again. The
   last has an argument that looks affine and is not. */
static void test_progression(void ** unused)
{
    static const char * const entries[] =
    {
        "(exp(sqrt(2)*x) - 2)^2/2", "exp(x)*exp(-x/3 + 1) - x*exp(2)", "log(1 + exp(-exp(x/2 - pi)))", "x^4 - x", "exp(x^2) + exp(x/(1 + x^2))",
        "exp((x + 1)/sqrt(3))*cosh(x)", "exp(-exp(3*x) + x)", "exp(x*(1 + x) - x^2)", "7", "exp(x)"
    };
    caustic_pool * pool = caustic_pool_new();
    caustic_name names[1] = {{"x", caustic_symbol(pool, "x")}};
    caustic_scope scope = {names, 1, NULL, 0};
    arb_t first, place, value, expected;
    arf_t step;

    (void) unused;
    arb_init(first);
    arb_init(place);
    arb_init(value);
    arb_init(expected);
    arf_init(step);
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
    {
        caustic_error_t error;
        caustic_expr e;
        caustic_tape * tape;
        caustic_evaluator * evaluator;
        double guess[2], at[2] = {0.3, 0};

        caustic_error_init(error);
        assert_int_equal(caustic_parse(&e, pool, entries[i], &scope, NULL, error), CAUSTIC_OK);
        tape = caustic_tape_new(pool, &e, 1, &names[0].value, 1);
        evaluator = caustic_evaluator_new(tape);
        /* guesses: real points and complex ones */
        for (int k = 0; k < 2; k++, at[1] = 0.25)
        {
            acb_t z;

            acb_init(z);
            acb_set_d_d(z, at[0], at[1]);
            caustic_tape_evaluate_acb(z, tape, z, 100);
            caustic_evaluate_guess(guess, evaluator, at);
            assert_true(fabs(guess[0] - arf_get_d(arb_midref(acb_realref(z)), ARF_RND_NEAR)) <= 1e-12 * (1 + fabs(guess[0])));
            assert_true(fabs(guess[1] - arf_get_d(arb_midref(acb_imagref(z)), ARF_RND_NEAR)) <= 1e-12 * (1 + fabs(guess[0])));
            acb_clear(z);
        }
        for (int round = 0; round < 2; round++)
        {
            arb_set_d(first, -1.25);
            arf_set_d(step, round ? -0.0078125 : 0.03125);
            arb_set(place, first);
            caustic_evaluator_start(evaluator, first, step, 200);
            for (slong j = 0; j < 60; j++)
            {
                slong prec = j % 7 ? 150 : 40 + 5 * j;

                caustic_evaluator_next(value, evaluator, prec);
                caustic_tape_evaluate_arb(expected, tape, place, 400);
                assert_true(arb_overlaps(value, expected));
                assert_true(arb_rel_accuracy_bits(value) > FLINT_MIN(prec, 170) - 40);
                if (j == 30)
                {
                    caustic_evaluate_arb(value, evaluator, first, 300);
                    caustic_tape_evaluate_arb(expected, tape, first, 400);
                    assert_true(arb_overlaps(value, expected));
                }
                arb_add_arf(place, place, step, 400);
            }
        }
        caustic_error_clear(error);
        caustic_evaluator_free(evaluator);
        caustic_tape_free(tape);
    }
    arb_clear(first);
    arb_clear(place);
    arb_clear(value);
    arb_clear(expected);
    arf_clear(step);
    caustic_pool_free(pool);
}

/* What depends on no input is kept: a higher precision must still be a higher precision, and a lower one
   must not spoil it. A constant as a root, and registers that are used again. */
static void test_evaluator(void ** unused)
{
    static const slong precisions[] = {30, 400, 60, 3000, 30, 3000};
    caustic_pool * pool = caustic_pool_new();
    caustic_expr x = caustic_symbol(pool, "x"), roots[2], e;
    caustic_tape * tape;
    caustic_evaluator * evaluator;
    arb_ptr out = _arb_vec_init(2), expected = _arb_vec_init(2);
    acb_ptr complex_out = _acb_vec_init(2);
    acb_t z;
    arb_t in;
    size_t i;

    (void) unused;
    arb_init(in);
    acb_init(z);
    /* exp(sqrt(2) x) sin(exp(x) + sqrt(3)) + sqrt(5) x, and sqrt(7) + pi */
    e = caustic_function(pool, CAUSTIC_OP_SIN, caustic_add(pool, caustic_function(pool, CAUSTIC_OP_EXP, x),
        caustic_sqrt(pool, caustic_integer(pool, 3))));
    e = caustic_mul(pool, e, caustic_function(pool, CAUSTIC_OP_EXP,
        caustic_mul(pool, caustic_sqrt(pool, caustic_integer(pool, 2)), x)));
    roots[0] = caustic_add(pool, e, caustic_mul(pool, caustic_sqrt(pool, caustic_integer(pool, 5)), x));
    roots[1] = caustic_add(pool, caustic_sqrt(pool, caustic_integer(pool, 7)), caustic_pi(pool));
    tape = caustic_tape_new(pool, roots, 2, &x, 1);
    evaluator = caustic_evaluator_new(tape);
    for (i = 0; i < sizeof(precisions) / sizeof(precisions[0]); i++)
    {
        slong prec = precisions[i], k;

        arb_set_si(in, (slong) i - 2);
        arb_mul_2exp_si(in, in, -2);
        arb_set(acb_realref(z), in);
        caustic_tape_evaluate_arb(expected, tape, in, 4000);
        caustic_evaluate_arb(out, evaluator, in, prec);
        caustic_evaluate_acb(complex_out, evaluator, z, prec);
        for (k = 0; k < 2; k++)
        {
            assert_true(arb_overlaps(out + k, expected + k));
            assert_true(arb_rel_accuracy_bits(out + k) > prec - 20);
            assert_true(arb_overlaps(acb_realref(complex_out + k), expected + k));
            assert_true(acb_rel_accuracy_bits(complex_out + k) > prec - 20);
        }
    }
    caustic_evaluator_free(evaluator);
    caustic_evaluator_free(caustic_evaluator_new(tape));
    caustic_evaluator_free(NULL);
    caustic_tape_free(tape);
    caustic_pool_free(pool);
    _arb_vec_clear(out, 2);
    _arb_vec_clear(expected, 2);
    _acb_vec_clear(complex_out, 2);
    arb_clear(in);
    acb_clear(z);
}

/* f(b) - f(a) lies in f'([a, b]) (b - a). */
static void test_mean_value(void ** unused)
{
    slong trial, checked = 0, sharp = 0;
    arb_ptr box = _arb_vec_init(SYMBOLS), point = _arb_vec_init(SYMBOLS);
    arb_ptr out = _arb_vec_init(2);
    arb_t left, right, length, radius;

    (void) unused;
    arb_init(left);
    arb_init(right);
    arb_init(length);
    arb_init(radius);
    for (trial = 0; trial < 2500; trial++)
    {
        tree t[20];
        world w;
        caustic_tape * tape;
        caustic_expr pair[2];
        int root, s = (int) below(SYMBOLS);

        world_init(&w);
        root = random_tree(t, &w, 5 + (int) below(10));
        pair[0] = t[root].expr;
        pair[1] = caustic_derivative(w.pool, pair[0], w.symbols[s]);
        assert_true(pair[1] != CAUSTIC_NONE);
        tape = caustic_tape_new(w.pool, pair, 2, w.symbols, SYMBOLS);
        assert_int_equal(caustic_tape_roots(tape), 2);
        assert_int_equal(caustic_tape_symbols(tape), SYMBOLS);
        random_box(box, SYMBOLS);
        random_point_inside(point, box, SYMBOLS);
        {
            slong i;

            for (i = 0; i < SYMBOLS; i++)
            {
                arb_set(box + i, point + i);
                if (i == s)
                    mag_set_ui_2exp_si(arb_radref(box + i), 1 + (ulong) below(30), below(2) ? -9 : -30);
            }
        }
        caustic_tape_evaluate_arb(out, tape, box, 300);
        if (arb_is_finite(out) && arb_is_finite(out + 1))
        {
            arb_ptr end = _arb_vec_init(SYMBOLS);
            arb_ptr value = _arb_vec_init(2);

            arb_get_rad_arb(radius, box + s);
            _arb_vec_set(end, point, SYMBOLS);
            arb_sub(end + s, point + s, radius, 1000);
            caustic_tape_evaluate_arb(value, tape, end, 300);
            arb_set(left, value);
            arb_add(end + s, point + s, radius, 1000);
            caustic_tape_evaluate_arb(value, tape, end, 300);
            arb_set(right, value);
            arb_sub(right, right, left, 300);
            arb_mul_2exp_si(length, radius, 1);
            arb_mul(out + 1, out + 1, length, 300);
            if (!arb_overlaps(right, out + 1))
                fail_msg("%s", caustic_expr_string(w.pool, pair[0]));
            checked++;
            sharp += !arb_contains_zero(out + 1); /* only these could have failed for a zero derivative */
            _arb_vec_clear(end, SYMBOLS);
            _arb_vec_clear(value, 2);
        }
        caustic_tape_free(tape);
        world_clear(&w);
    }
    print_message("mean value: %d checked, %d of them sharp\n", (int) checked, (int) sharp);
    assert_true(checked > 1000 && sharp > 250);
    arb_clear(left);
    arb_clear(right);
    arb_clear(length);
    arb_clear(radius);
    _arb_vec_clear(box, SYMBOLS);
    _arb_vec_clear(point, SYMBOLS);
    _arb_vec_clear(out, 2);
}

/* Evaluates text at x in [low, high]. */
static void evaluate(arb_t res, world * w, const char * text, double low, double high)
{
    caustic_expr e = read_text(w, text);
    caustic_tape * tape = caustic_tape_new(w->pool, &e, 1, w->symbols, SYMBOLS);
    arb_ptr in = _arb_vec_init(SYMBOLS);
    arf_t a, b;
    slong i;

    assert_non_null(tape);
    arf_init(a);
    arf_init(b);
    arf_set_d(a, low);
    arf_set_d(b, high);
    for (i = 0; i < SYMBOLS; i++)
        arb_set_interval_arf(in + i, a, b, 64);
    caustic_tape_evaluate_arb(res, tape, in, 64);
    arf_clear(a);
    arf_clear(b);
    _arb_vec_clear(in, SYMBOLS);
    caustic_tape_free(tape);
}

/* The enclosure is no wider than [low, high] by more than 1e-6, and contains it. */
static void assert_encloses(world * w, const char * text, double a, double b, double low, double high)
{
    arb_t res;
    double lower, upper;
    arf_t t;

    arb_init(res);
    arf_init(t);
    evaluate(res, w, text, a, b);
    arb_get_lbound_arf(t, res, 53);
    lower = arf_get_d(t, ARF_RND_FLOOR);
    arb_get_ubound_arf(t, res, 53);
    upper = arf_get_d(t, ARF_RND_CEIL);
    if (!(lower <= low + 1e-12 && lower >= low - 1e-6 && upper >= high - 1e-12 && upper <= high + 1e-6))
        fail_msg("%s on [%g, %g] gave [%.12g, %.12g] instead of [%g, %g]", text, a, b, lower, upper, low, high);
    arf_clear(t);
    arb_clear(res);
}

static void test_tight(void ** unused)
{
    world w;

    (void) unused;
    world_init(&w);
    assert_encloses(&w, "x^2", -1, 1, 0, 1);
    assert_encloses(&w, "x^2", -1, 2, 0, 4);
    assert_encloses(&w, "x^2", 1, 3, 1, 9);
    assert_encloses(&w, "x^4", -3, -1, 1, 81);
    assert_encloses(&w, "x^3", -1, 3, -1, 27);
    assert_encloses(&w, "1/x", 1, 4, 0.25, 1);
    assert_encloses(&w, "1/x^2", -2, -1, 0.25, 1);
    assert_encloses(&w, "1/x^3", -2, -1, -1, -0.125);
    assert_encloses(&w, "x*y", 1, 3, 1, 9);
    assert_encloses(&w, "x*y", -1, 3, -3, 9);
    assert_encloses(&w, "x/y", 1, 4, 0.25, 4);
    assert_encloses(&w, "sqrt(x)", 1, 4, 1, 2);
    assert_encloses(&w, "sqrt(x^2)", -1, 1, 0, 1);
    assert_encloses(&w, "x^(3/2)", 1, 4, 1, 8);
    assert_encloses(&w, "x^(1/3)", 1, 8, 1, 2);
    assert_encloses(&w, "1/sqrt(x)", 1, 4, 0.5, 1);
    assert_encloses(&w, "exp(x)", 0, 1, 1, 2.718281828459);
    assert_encloses(&w, "log(x)", 1, 2.718281828459045, 0, 1);
    assert_encloses(&w, "sigmoid(x)", -10, 10, 4.5397868702e-5, 0.999954602131);
    assert_encloses(&w, "softplus(x)", -10, 10, 4.5398899217e-5, 10.0000453989);
    assert_encloses(&w, "tanh(x)", -1, 1, -0.761594155956, 0.761594155956);
    assert_encloses(&w, "atan(x)", -1, 1, -0.785398163397, 0.785398163397);
    assert_encloses(&w, "erf(x)", -1, 1, -0.842700792950, 0.842700792950);
    assert_encloses(&w, "tan(x)", -1, 1, -1.557407724655, 1.557407724655);
    assert_encloses(&w, "sinh(x)", -1, 1, -1.175201193644, 1.175201193644);
    assert_encloses(&w, "cosh(x)", -1, 2, 1, 3.762195691084);
    assert_encloses(&w, "sin(x)", 0, 3, 0, 1);
    assert_encloses(&w, "abs(x)", -2, 1, 0, 2);
    assert_encloses(&w, "relu(x)", -2, 1, 0, 1);
    assert_encloses(&w, "relu(x)", -2, -1, 0, 0);
    assert_encloses(&w, "abs(x)/x", -2, -1, -1, -1);
    assert_encloses(&w, "relu(x)/x", 1, 2, 1, 1);
    assert_encloses(&w, "softplus(x)", 1000, 1000, 1000, 1000);
    world_clear(&w);
}

/* What is not certainly defined on the whole ball is not finite, whatever it passes through. */
static void test_undefined(void ** unused)
{
    static const struct { const char * text; double a, b; } table[] = {
        { "log(x)", 0, 1 }, { "log(x)", -1, 1 }, { "1/x", -1, 1 }, { "1/x", 0, 0 }, { "1/x^2", -1, 1 }, { "sqrt(x)", -1, 1 },
        { "x^(1/3)", -8, -1 }, { "1/sqrt(x)", 0, 1 }, { "tan(x)", 1, 2 }, { "abs(x)/x", -1, 1 }, { "relu(x)/x", -1, 1 }, { "abs(x)/x", 0, 1 },
        { "0*log(x)", -1, 1 }, { "0/x", -1, 1 }, { "x/x", -1, 1 }, { "log(x) - log(x)", -1, 1 }, { "x^2/x", -1, 1 }, { "0*abs(x)/x", -1, 1 },
        { "sin(1/x)", -1, 1 }, { "atan(1/x)", -1, 1 }, { "tanh(log(x))", -1, 1 }, { "sigmoid(1/x)", -1, 1 }, { "relu(log(x))", -1, 1 },
        { "abs(log(x)) - 1", -1, 1 }, { "exp(-1/x^2)", -1, 1 }, { "erf(1/x)", -1, 1 }, { "softplus(1/x)", -1, 1 }, { "cos(log(x))*0", -1, 1 },
        { "1/exp(1/x)", -1, 1 }, { "cosh(1/x)", -1, 1 }, { "sinh(1/x)", -1, 1 }, { "(1/x)^(-1)", -1, 1 }, { "sqrt(x)*sqrt(x)", -1, 1 },
        { "(log(x))^2", -1, 1 }, { "y/log(x)", -1, 1 }, { "(log(x))^(-2)", -1, 1 }, { "sqrt(log(x)^2)", -1, 1 } };
    size_t i;
    world w;
    arb_t res;

    (void) unused;
    world_init(&w);
    arb_init(res);
    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
    {
        evaluate(res, &w, table[i].text, table[i].a, table[i].b);
        if (arb_is_finite(res))
            fail_msg("%s on [%g, %g] is finite", table[i].text, table[i].a, table[i].b);
    }
    evaluate(res, &w, "sqrt(abs(x))", -1, 1); /* and what is defined up to its end is */
    assert_true(arb_is_finite(res));
    evaluate(res, &w, "x^(2/3)", 0, 0);
    assert_true(arb_is_zero(res));
    arb_clear(res);
    world_clear(&w);
}

/* An interval that ends 2^-200 before the pole, much closer than ends of wide balls are rounded. */
static void test_pole(void ** unused)
{
    world w;
    caustic_expr e;
    caustic_tape * tape;
    arb_t x, res, value, end;

    (void) unused;
    world_init(&w);
    arb_init(x);
    arb_init(res);
    arb_init(value);
    arb_init(end);
    e = read_text(&w, "tan(x)");
    tape = caustic_tape_new(w.pool, &e, 1, w.symbols, 1);
    arb_const_pi(x, 400);
    arb_mul_2exp_si(x, x, -1);
    arf_set_round(arb_midref(end), arb_midref(x), 200, ARF_RND_FLOOR);
    arb_tan(value, end, 600);
    arb_set_d(x, 0.5);
    arb_sub(x, end, x, 1000);
    mag_set_ui_2exp_si(arb_radref(x), 1, -1);
    caustic_tape_evaluate_arb(res, tape, x, 600);
    assert_true(!arb_is_finite(res) || arb_contains(res, value));
    caustic_tape_free(tape);
    arb_clear(x);
    arb_clear(res);
    arb_clear(value);
    arb_clear(end);
    world_clear(&w);
}

static void test_tape(void ** unused)
{
    world w;
    caustic_expr roots[3];
    caustic_tape * tape;
    arb_ptr in = _arb_vec_init(2), out = _arb_vec_init(3);
    slong i;
    int found_sum = 0, found_quotient = 0;

    (void) unused;
    world_init(&w);
    roots[0] = read_text(&w, "3*x^2*y - x/(2*y^2) + 7");
    roots[1] = w.symbols[0];
    roots[2] = read_text(&w, "5/2");
    assert_null(caustic_tape_new(w.pool, roots, 3, w.symbols, 1)); /* y is not listed */
    tape = caustic_tape_new(w.pool, roots, 3, w.symbols, 2);
    assert_non_null(tape);
    roots[0] = CAUSTIC_NONE;
    assert_null(caustic_tape_new(w.pool, roots, 3, w.symbols, 2));
    world_clear(&w); /* the tape lives on */

    for (i = 0; i < tape->length; i++)
    {
        const caustic_instruction * code = tape->instructions + i;
        slong k;

        assert_true(code->destination >= tape->symbols && code->destination < tape->registers);
        for (k = 0; k < code->length; k++)
            assert_true(tape->operands[code->first + k] != code->destination);
        found_sum |= code->op == CAUSTIC_TAPE_SUM && code->length == 2 && code->constant >= 0;
        found_quotient |= code->op == CAUSTIC_TAPE_QUOTIENT;
    }
    assert_true(found_sum && found_quotient);
    arb_set_si(in, 2);
    arb_set_si(in + 1, -1);
    caustic_tape_evaluate_arb(out, tape, in, 64);
    assert_true(arb_equal_si(out, -12 - 1 + 7));
    assert_true(arb_equal_si(out + 1, 2));
    arb_mul_2exp_si(out + 2, out + 2, 1);
    assert_true(arb_equal_si(out + 2, 5));
    caustic_tape_free(tape);
    caustic_tape_free(NULL);

    world_init(&w); /* no roots at all */
    tape = caustic_tape_new(w.pool, NULL, 0, w.symbols, 2);
    assert_non_null(tape);
    caustic_tape_evaluate_arb(out, tape, in, 64);
    caustic_tape_free(tape);
    _arb_vec_clear(in, 2);
    _arb_vec_clear(out, 3);
    world_clear(&w);
}

/* Complex balls **********************************************************************************/

/* Evaluates text at x in [a, b] + i[c, d]. */
static void evaluate_complex(acb_t res, world * w, const char * text, double a, double b, double c, double d)
{
    caustic_expr e = read_text(w, text);
    caustic_tape * tape = caustic_tape_new(w->pool, &e, 1, w->symbols, 1);
    acb_t in;
    arf_t low, high;

    assert_non_null(tape);
    acb_init(in);
    arf_init(low);
    arf_init(high);
    arf_set_d(low, a);
    arf_set_d(high, b);
    arb_set_interval_arf(acb_realref(in), low, high, 64);
    arf_set_d(low, c);
    arf_set_d(high, d);
    arb_set_interval_arf(acb_imagref(in), low, high, 64);
    caustic_tape_evaluate_acb(res, tape, in, 64);
    acb_clear(in);
    arf_clear(low);
    arf_clear(high);
    caustic_tape_free(tape);
}

static void test_complex_domains(void ** unused)
{
    static const struct { const char * text; double a, b, c, d; int finite; } table[] = {
        { "log(x)", 1, 2, -1, 1, 1 }, { "log(x)", -2, -1, -1, 1, 0 }, { "log(x)", -2, -1, 0.5, 1, 1 }, { "log(x)", 0, 1, 0, 0, 0 },
        { "log(x)", -2, -1, 0, 0, 0 }, { "log(x)", -2, -1, 0, 1, 0 }, { "sqrt(x)", 0, 1, 0, 0, 0 }, { "sqrt(x)", 1, 2, -1, 1, 1 },
        { "sqrt(x)", -2, -1, -1, 1, 0 }, { "x^(1/3)", -2, -1, -1, 1, 0 }, { "x^(1/3)", 1, 2, -1, 1, 1 }, { "x^(3/2)", -2, 1, -1, 1, 0 },
        { "x^(3/2)", 1, 2, -1, 1, 1 }, { "1/sqrt(x)", -2, -1, -1, 1, 0 }, { "1/x", -1, 1, -1, 1, 0 }, { "1/x", -1, 1, 1, 2, 1 }, { "1/x^2", -1, 1, 0, 0, 0 },
        { "x/x", -1, 1, -1, 1, 0 }, { "0*log(x)", -2, -1, -1, 1, 0 }, { "exp(x)", -1, 1, -9, 9, 1 }, { "erf(x)", -1, 1, -1, 1, 1 }, { "cos(x)", -1, 1, -1, 1, 1 },
        { "tan(x)", 1.5, 1.6, -0.1, 0.1, 0 }, { "tan(x)", 1.5, 1.6, 0.5, 0.6, 1 }, { "tanh(x)", -0.1, 0.1, 1.5, 1.6, 0 }, { "tanh(x)", -0.1, 0.1, -0.5, 0.5, 1 },
        { "sigmoid(x)", -0.1, 0.1, 3.1, 3.2, 0 }, { "sigmoid(x)", -0.1, 0.1, -1, 1, 1 }, { "sigmoid(x)", -0.1, 0.1, 4, 4.1, 1 },
        { "softplus(x)", -1, 1, -1, 1, 1 }, { "softplus(x)", 5, 5, 3.1, 3.2, 0 }, { "softplus(x)", 5, 5.1, 3.5, 3.6, 0 }, { "softplus(x)", 5, 5.1, 6.2, 6.3, 0 },
        { "softplus(x)", 5, 5.1, 3, 3.01, 1 }, { "softplus(x)", -5.1, -5, 4, 4.1, 1 }, { "softplus(x)", -0.1, 0.1, 4, 4.1, 0 }, { "softplus(x)", -0.1, 0.1, 3, 3.2, 0 }, { "atan(x)", -1, 1, -0.5, 0.5, 1 }, { "atan(x)", -0.1, 0.1, 0.9, 1.1, 0 },
        { "atan(x)", 0, 0, 2, 3, 0 }, { "atan(x)", 0, 0.1, 2, 3, 0 }, { "atan(x)", 0.1, 0.2, -2, 3, 1 }, { "atan(x)", -0.2, -0.1, 1, 3, 1 },
        { "abs(x)", 1, 2, -1, 1, 1 }, { "abs(x)", -2, -1, -1, 1, 1 }, { "abs(x)", -1, 1, 0, 0, 0 }, { "relu(x)", -1, 1, 2, 3, 0 }, { "relu(x)", -2, -1, 2, 3, 1 },
        { "abs(x)/x", -1, 1, 2, 3, 0 }, { "abs(x)/x", 1, 2, 2, 3, 1 }, { "relu(x)/x", -2, -1, 2, 3, 1 }, { "relu(x)/x", 0, 1, 2, 3, 0 },
        { "log(1 + exp(-x))", -1, 1, -1, 1, 1 }, { "log(1 + exp(x))", 2, 2.1, 3, 3.3, 0 }, { "atan(1/x)", -1, 1, -1, 1, 0 }, { "cosh(log(x))", -1, 1, -1, 1, 0 } };
    size_t i;
    world w;
    acb_t res;

    (void) unused;
    world_init(&w);
    acb_init(res);
    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
    {
        evaluate_complex(res, &w, table[i].text, table[i].a, table[i].b, table[i].c, table[i].d);
        if (acb_is_finite(res) != table[i].finite)
            fail_msg("%s on [%g, %g] + i[%g, %g]", table[i].text, table[i].a, table[i].b, table[i].c, table[i].d);
    }
    /* sides */
    evaluate_complex(res, &w, "abs(x)", -2, -2, 1, 1);
    assert_true(arb_equal_si(acb_realref(res), 2) && arb_equal_si(acb_imagref(res), -1));
    evaluate_complex(res, &w, "relu(x)", -2, -2, 1, 1);
    assert_true(acb_is_zero(res));
    acb_clear(res);
    world_clear(&w);
}

/* A finite value on a box contains the values at its points; the continuation agrees with the real
   function, and Taylor expansion at a real point (jets along the imaginary direction by Cauchy-Riemann:
   f(x + ih) = f(x) + ih f'(x) + O(h^2)) has the right slope. */
static void test_complex_values(void ** unused)
{
    slong trial, checked = 0, agreed = 0, slopes = 0;
    acb_ptr box = _acb_vec_init(SYMBOLS), point = _acb_vec_init(SYMBOLS);
    arb_ptr real = _arb_vec_init(SYMBOLS), slope = _arb_vec_init(2);
    acb_t wide, value;

    (void) unused;
    acb_init(wide);
    acb_init(value);
    for (trial = 0; trial < 2500; trial++)
    {
        tree t[20];
        world w;
        caustic_tape * tape, * both;
        caustic_evaluator * evaluator;
        caustic_expr pair[2];
        slong i;
        int root;

        world_init(&w);
        root = random_tree(t, &w, 5 + (int) below(10));
        pair[0] = t[root].expr;
        pair[1] = caustic_derivative(w.pool, pair[0], w.symbols[0]);
        if (pair[1] == CAUSTIC_NONE)
            fail_msg("no derivative of %s", caustic_expr_string(w.pool, pair[0]));
        tape = caustic_tape_new(w.pool, pair, 1, w.symbols, SYMBOLS);
        both = caustic_tape_new(w.pool, pair, 2, w.symbols, SYMBOLS);
        random_box(real, SYMBOLS);
        for (i = 0; i < SYMBOLS; i++)
            arb_set(acb_realref(box + i), real + i);
        random_box(real, SYMBOLS);
        for (i = 0; i < SYMBOLS; i++)
        {
            arb_set(acb_imagref(box + i), real + i);
            if (below(2))
                arb_zero(acb_imagref(box + i));
        }
        evaluator = caustic_evaluator_new(tape);
        caustic_evaluate_acb(value, evaluator, box, 30 + below(500));
        caustic_tape_evaluate_acb(wide, tape, box, 30 + below(100));
        for (i = 0; i < SYMBOLS; i++)
        {
            random_point_inside(acb_realref(point + i), acb_realref(box + i), 1);
            random_point_inside(acb_imagref(point + i), acb_imagref(box + i), 1);
        }
        caustic_tape_evaluate_acb(value, tape, point, 300);
        if (acb_is_finite(wide) && acb_is_finite(value))
        {
            assert_true(acb_overlaps(wide, value));
            checked++;
            caustic_evaluate_acb(wide, evaluator, point, 300); /* the same sequence of operations */
            assert_true(acb_overlaps(wide, value));
        }
        caustic_evaluator_free(evaluator);
        /* the real axis */
        for (i = 0; i < SYMBOLS; i++)
        {
            arb_set(real + i, acb_realref(point + i));
            arb_zero(acb_imagref(point + i));
        }
        caustic_tape_evaluate_acb(value, tape, point, 300);
        caustic_tape_evaluate_arb(slope, both, real, 300);
        if (acb_is_finite(value) && arb_is_finite(slope))
        {
            assert_true(arb_overlaps(acb_realref(value), slope));
            assert_true(arb_contains_zero(acb_imagref(value)));
            agreed++;

            /* |Im f(x + ih)/h - f'(x)| <= h^2 M/r^3 for h = 2^-100 and M the maximum of |f| on the
               square of half side r = 2^-20 around x: Cauchy's bound, if f is holomorphic there */
            mag_set_ui_2exp_si(arb_radref(acb_realref(point)), 1, -20);
            mag_set_ui_2exp_si(arb_radref(acb_imagref(point)), 1, -20);
            caustic_tape_evaluate_acb(wide, tape, point, 300);
            mag_zero(arb_radref(acb_realref(point)));
            mag_zero(arb_radref(acb_imagref(point)));
            arb_one(acb_imagref(point));
            arb_mul_2exp_si(acb_imagref(point), acb_imagref(point), -100);
            caustic_tape_evaluate_acb(value, tape, point, 600);
            if (acb_is_finite(wide) && acb_is_finite(value) && arb_is_finite(slope + 1))
            {
                arb_mul_2exp_si(acb_imagref(value), acb_imagref(value), 100);
                arb_sub(slope, acb_imagref(value), slope + 1, 600);
                arb_abs(slope, slope);
                acb_abs(acb_realref(wide), wide, 64);
                arb_mul_2exp_si(acb_realref(wide), acb_realref(wide), 60 - 200);
                arb_get_ubound_arf(arb_midref(acb_realref(wide)), acb_realref(wide), 64);
                mag_zero(arb_radref(acb_realref(wide)));
                if (arb_gt(slope, acb_realref(wide)))
                    fail_msg("slope of %s", caustic_expr_string(w.pool, pair[0]));
                slopes += arb_is_nonzero(slope + 1) && arb_lt(slope, slope + 1);
            }
        }
        caustic_tape_free(tape);
        caustic_tape_free(both);
        world_clear(&w);
    }
    print_message("complex: %d contained, %d agree on the line, %d slopes\n", (int) checked, (int) agreed, (int) slopes);
    assert_true(checked > 400 && agreed > 700 && slopes > 200);
    acb_clear(wide);
    acb_clear(value);
    _acb_vec_clear(box, SYMBOLS);
    _acb_vec_clear(point, SYMBOLS);
    _arb_vec_clear(real, SYMBOLS);
    _arb_vec_clear(slope, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canonical),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_simplification),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_fuzz),
        cmocka_unit_test(test_equation),
        cmocka_unit_test(test_fmpq),
        cmocka_unit_test(test_data),
        cmocka_unit_test(test_scope),
        cmocka_unit_test(test_looking),
        cmocka_unit_test(test_kink),
        cmocka_unit_test(test_derivatives_known),
        cmocka_unit_test(test_rewriting),
        cmocka_unit_test(test_branches),
        cmocka_unit_test(test_substitution),
        cmocka_unit_test(test_latex),
        cmocka_unit_test(test_containment),
        cmocka_unit_test(test_evaluator),
        cmocka_unit_test(test_progression),
        cmocka_unit_test(test_mean_value),
        cmocka_unit_test(test_tight),
        cmocka_unit_test(test_undefined),
        cmocka_unit_test(test_pole),
        cmocka_unit_test(test_tape),
        cmocka_unit_test(test_complex_domains),
        cmocka_unit_test(test_complex_values),
    };
    const char * seed = getenv("CAUSTIC_TEST_SEED");
    int failed;

    state = seed == NULL ? 20240611 : strtoull(seed, NULL, 10);
    print_message("seed %llu\n", (unsigned long long) state);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    flint_cleanup();
    return failed;
}
