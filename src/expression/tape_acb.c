/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    tape_acb: tapes on complex balls.

    Each operation is evaluated only where its principal branch is certainly holomorphic on the
    whole ball; otherwise it gives NaN, and so does everything computed from it [EXPR-3].
*/

#include <flint/acb.h>
#include <flint/acb_hypgeom.h>
#include "expression/tape_internal.h"

/* Off (-inf, 0], the cut of log and of the powers. */
static int avoids_negative_axis(const acb_t x)
{
    return acb_is_finite(x) && (arb_is_positive(acb_realref(x)) || arb_is_nonzero(acb_imagref(x)));
}

/* Powers *****************************************************************************************/

static void integer_power(acb_t res, const acb_t x, const fmpz * exponent, slong prec)
{
    fmpz_t size;

    if (fmpz_sgn(exponent) < 0 && acb_contains_zero(x))
    {
        acb_indeterminate(res);
        return;
    }
    fmpz_init(size);
    fmpz_abs(size, exponent);
    if (fmpz_equal_ui(size, 2))
        acb_sqr(res, x, prec);
    else
        acb_pow_fmpz(res, x, size, prec);
    if (fmpz_sgn(exponent) < 0)
        acb_inv(res, res, prec);
    fmpz_clear(size);
}

static void rational_power(acb_t res, const acb_t x, const fmpq * exponent, slong prec)
{
    acb_t t;
    arb_t e;

    if (!avoids_negative_axis(x))
    {
        acb_indeterminate(res);
        return;
    }
    acb_init(t);
    arb_init(e);
    if (fmpz_equal_ui(fmpq_denref(exponent), 2) && fmpz_is_one(fmpq_numref(exponent)))
    {
        acb_sqrt_analytic(res, x, 1, prec);
    }
    else if (fmpz_equal_ui(fmpq_denref(exponent), 2) && fmpz_equal_si(fmpq_numref(exponent), -1))
    {
        acb_rsqrt_analytic(res, x, 1, prec);
    }
    else if (fmpz_equal_ui(fmpq_denref(exponent), 2))
    {
        acb_sqrt_analytic(t, x, 1, prec);
        integer_power(res, t, fmpq_numref(exponent), prec);
    }
    else
    {
        acb_log_analytic(t, x, 1, prec);
        arb_set_fmpq(e, exponent, prec);
        acb_mul_arb(t, t, e, prec);
        acb_exp(res, t, prec);
    }
    acb_clear(t);
    arb_clear(e);
}

/* Functions **************************************************************************************/

/* f/g with g the function whose zeros are the poles. */
static void quotient_function(acb_t res, void (*f)(acb_t, const acb_t, slong),
    void (*g)(acb_t, const acb_t, slong), const acb_t x, slong prec)
{
    acb_t denominator;

    acb_init(denominator);
    g(denominator, x, prec);
    if (!acb_is_finite(denominator) || acb_contains_zero(denominator))
        acb_indeterminate(res);
    else
        f(res, x, prec);
    acb_clear(denominator);
}

/* 1/(1 + exp(-x)), poles at pi i (2k + 1) */
static void function_sigmoid(acb_t res, const acb_t x, slong prec)
{
    acb_t t;

    acb_init(t);
    acb_neg(t, x);
    acb_exp(t, t, prec);
    acb_add_ui(t, t, 1, prec);
    if (acb_contains_zero(t))
        acb_indeterminate(res);
    else
        acb_inv(res, t, prec);
    acb_clear(t);
}

/* log(1 + exp(x)) where |Im x| < pi or Re x < 0, so that 1 + exp(x) avoids (-inf, 0]; elsewhere the
   principal logarithm need not be the continuation. For Re x > 0 it is x + log(1 + exp(-x))
   [EXPR-3]. */
static void function_softplus(acb_t res, const acb_t x, slong prec)
{
    acb_t t, u;
    arb_t pi, height;
    int right = arf_sgn(arb_midref(acb_realref(x))) > 0, inside;

    acb_init(t);
    acb_init(u);
    arb_init(pi);
    arb_init(height);
    arb_const_pi(pi, prec);
    arb_abs(height, acb_imagref(x));
    inside = arb_lt(height, pi) || arb_is_negative(acb_realref(x));

    if (right)
        acb_neg(t, x);
    else
        acb_set(t, x);
    acb_exp(t, t, prec);
    acb_add_ui(u, t, 1, prec);
    if (inside && avoids_negative_axis(u))
    {
        acb_log1p(t, t, prec);
        if (right)
            acb_add(res, t, x, prec);
        else
            acb_set(res, t);
    }
    else
    {
        acb_indeterminate(res);
    }
    acb_clear(t);
    acb_clear(u);
    arb_clear(pi);
    arb_clear(height);
}

/* The cuts are {iy : |y| >= 1}. */
static void function_atan(acb_t res, const acb_t x, slong prec)
{
    arb_t height, one;

    arb_init(height);
    arb_init(one);
    arb_abs(height, acb_imagref(x));
    arb_one(one);
    if (arb_is_nonzero(acb_realref(x)) || arb_lt(height, one))
        acb_atan(res, x, prec);
    else
        acb_indeterminate(res);
    arb_clear(height);
    arb_clear(one);
}

/* abs, relu, sign and step: linear or constant on either side of the imaginary axis. */
static void function_of_side(acb_t res, caustic_op op, const acb_t x)
{
    int right = arb_is_positive(acb_realref(x)), left = arb_is_negative(acb_realref(x));

    if (!right && !left)
        acb_indeterminate(res);
    else if (op == CAUSTIC_OP_SIGN || op == CAUSTIC_OP_STEP)
        acb_set_si(res, right ? 1 : op == CAUSTIC_OP_SIGN ? -1 : 0);
    else if (right)
        acb_set(res, x);
    else if (op == CAUSTIC_OP_ABS)
        acb_neg(res, x);
    else
        acb_zero(res);
}

static void evaluate_function(acb_t res, caustic_op op, const acb_t x, slong prec)
{
    switch (op)
    {
        case CAUSTIC_OP_EXP:
            acb_exp(res, x, prec);
            break;
        case CAUSTIC_OP_LOG:
            if (avoids_negative_axis(x))
                acb_log_analytic(res, x, 1, prec);
            else
                acb_indeterminate(res);
            break;
        case CAUSTIC_OP_SIN:
            acb_sin(res, x, prec);
            break;
        case CAUSTIC_OP_COS:
            acb_cos(res, x, prec);
            break;
        case CAUSTIC_OP_TAN:
            quotient_function(res, acb_tan, acb_cos, x, prec);
            break;
        case CAUSTIC_OP_ATAN:
            function_atan(res, x, prec);
            break;
        case CAUSTIC_OP_SINH:
            acb_sinh(res, x, prec);
            break;
        case CAUSTIC_OP_COSH:
            acb_cosh(res, x, prec);
            break;
        case CAUSTIC_OP_TANH:
            quotient_function(res, acb_tanh, acb_cosh, x, prec);
            break;
        case CAUSTIC_OP_SIGMOID:
            function_sigmoid(res, x, prec);
            break;
        case CAUSTIC_OP_SOFTPLUS:
            function_softplus(res, x, prec);
            break;
        case CAUSTIC_OP_ERF:
            acb_hypgeom_erf(res, x, prec);
            break;
        case CAUSTIC_OP_ABS: case CAUSTIC_OP_RELU: case CAUSTIC_OP_SIGN: case CAUSTIC_OP_STEP:
            function_of_side(res, op, x);
            break;
        default:
            acb_indeterminate(res);
            break;
    }
}

/* The machine ************************************************************************************/

typedef struct
{
    const caustic_tape * tape;
    acb_srcptr in;
    acb_ptr registers; /* those from `symbols` on */
}
machine;

static acb_srcptr operand(const machine * m, slong i)
{
    return i < m->tape->symbols ? m->in + i : m->registers + (i - m->tape->symbols);
}

static void multiply_fmpq(acb_t res, const acb_t x, const fmpq * c, slong prec)
{
    acb_mul_fmpz(res, x, fmpq_numref(c), prec);
    if (!fmpz_is_one(fmpq_denref(c)))
        acb_div_fmpz(res, res, fmpq_denref(c), prec);
}

static void run_sum(acb_t res, const machine * m, const caustic_instruction * code, acb_t t, slong prec)
{
    const caustic_tape * tape = m->tape;
    slong k;

    acb_zero(res);
    if (code->constant >= 0)
        arb_set_fmpq(acb_realref(res), tape->constants + code->constant, prec);
    for (k = code->first; k < code->first + code->length; k++)
    {
        if (tape->coefficients[k] < 0)
        {
            acb_add(res, res, operand(m, tape->operands[k]), prec);
        }
        else
        {
            multiply_fmpq(t, operand(m, tape->operands[k]), tape->constants + tape->coefficients[k], prec);
            acb_add(res, res, t, prec);
        }
    }
}

static void run_product(acb_t res, const machine * m, const caustic_instruction * code, slong prec)
{
    const caustic_tape * tape = m->tape;
    slong k;

    acb_set(res, operand(m, tape->operands[code->first]));
    for (k = 1; k < code->length; k++)
        acb_mul(res, res, operand(m, tape->operands[code->first + k]), prec);
    if (code->constant >= 0)
        multiply_fmpq(res, res, tape->constants + code->constant, prec);
}

static int operands_finite(const machine * m, const caustic_instruction * code)
{
    slong k;

    for (k = code->first; k < code->first + code->length; k++)
        if (!acb_is_finite(operand(m, m->tape->operands[k])))
            return 0;
    return 1;
}

static void run(acb_t res, const machine * m, const caustic_instruction * code, acb_t t, slong prec)
{
    const caustic_tape * tape = m->tape;
    const slong * operands = tape->operands + code->first;
    const fmpq * constant = code->constant >= 0 ? tape->constants + code->constant : NULL;

    if (!operands_finite(m, code))
    {
        acb_indeterminate(res);
        return;
    }
    switch (code->op)
    {
        case CAUSTIC_TAPE_NUMBER:
            arb_set_fmpq(acb_realref(res), constant, prec);
            arb_zero(acb_imagref(res));
            break;
        case CAUSTIC_TAPE_PI:
            acb_const_pi(res, prec);
            break;
        case CAUSTIC_TAPE_SUM:
            run_sum(res, m, code, t, prec);
            break;
        case CAUSTIC_TAPE_PRODUCT:
            run_product(res, m, code, prec);
            break;
        case CAUSTIC_TAPE_QUOTIENT:
            if (acb_contains_zero(operand(m, operands[1])))
                acb_indeterminate(res);
            else
                acb_div(res, operand(m, operands[0]), operand(m, operands[1]), prec);
            break;
        case CAUSTIC_TAPE_POWER:
            if (fmpz_is_one(fmpq_denref(constant)))
                integer_power(res, operand(m, operands[0]), fmpq_numref(constant), prec);
            else
                rational_power(res, operand(m, operands[0]), constant, prec);
            break;
        case CAUSTIC_TAPE_FUNCTION:
            evaluate_function(res, code->function, operand(m, operands[0]), prec);
            break;
    }
}

void caustic_tape_evaluate_acb(acb_ptr out, const caustic_tape * tape, acb_srcptr in, slong prec)
{
    machine m;
    slong i, own = tape->registers - tape->symbols;
    acb_t t;

    m.tape = tape;
    m.in = in;
    m.registers = _acb_vec_init(own);
    acb_init(t);
    for (i = 0; i < tape->length; i++)
    {
        const caustic_instruction * code = tape->instructions + i;

        run(m.registers + (code->destination - tape->symbols), &m, code, t, prec);
    }
    for (i = 0; i < tape->roots; i++)
        acb_set(out + i, operand(&m, tape->root_registers[i]));
    acb_clear(t);
    _acb_vec_clear(m.registers, own);
}

/* Evaluators *************************************************************************************/

caustic_evaluator * caustic_evaluator_new(const caustic_tape * tape)
{
    caustic_evaluator * evaluator = flint_calloc(1, sizeof(caustic_evaluator));

    evaluator->tape = tape;
    arf_init(evaluator->step);
    arb_init(evaluator->real_room);
    acb_init(evaluator->complex_room);
    return evaluator;
}

void caustic_evaluator_free(caustic_evaluator * evaluator)
{
    slong own;

    if (evaluator == NULL)
        return;
    own = evaluator->tape->registers - evaluator->tape->symbols;
    if (evaluator->real_registers != NULL)
        _arb_vec_clear(evaluator->real_registers, own);
    if (evaluator->complex_registers != NULL)
        _acb_vec_clear(evaluator->complex_registers, own);
    if (evaluator->progress != NULL)
    {
        for (slong i = 0; i < evaluator->tape->length; i++)
        {
            arb_clear(evaluator->progress[i].value);
            arb_clear(evaluator->progress[i].ratio);
        }
        flint_free(evaluator->progress);
        _arb_vec_clear(evaluator->progress_registers, own);
        _arb_vec_clear(evaluator->place, evaluator->tape->symbols);
    }
    arf_clear(evaluator->step);
    arb_clear(evaluator->real_room);
    acb_clear(evaluator->complex_room);
    flint_free(evaluator->guess_registers);
    flint_free(evaluator->guess_constants);
    flint_free(evaluator);
}

void caustic_evaluate_acb(acb_ptr out, caustic_evaluator * evaluator, acb_srcptr in, slong prec)
{
    const caustic_tape * tape = evaluator->tape;
    machine m;
    slong i;
    int again = prec > evaluator->complex_precision;

    if (evaluator->complex_registers == NULL)
    {
        evaluator->complex_registers = _acb_vec_init(tape->registers - tape->symbols);
    }
    if (again)
    {
        evaluator->complex_precision = caustic_fixed_precision(prec);
    }
    m.tape = tape;
    m.in = in;
    m.registers = evaluator->complex_registers;
    for (i = 0; i < tape->length; i++)
    {
        const caustic_instruction * code = tape->instructions + i;

        if (again || !code->fixed)
            run(m.registers + (code->destination - tape->symbols), &m, code, evaluator->complex_room,
                code->fixed ? evaluator->complex_precision : prec);
    }
    for (i = 0; i < tape->roots; i++)
        acb_set_round(out + i, operand(&m, tape->root_registers[i]), prec);
}
