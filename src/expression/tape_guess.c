/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    tape_guess: tapes on complex doubles. Fast, and without any promise: a search may be guided by it, nothing
    is decided by it.
*/

#include <complex.h>
#include <math.h>
#include <string.h>
#include <flint/acb_hypgeom.h>
#include "expression/tape_internal.h"

#define ERF_PREC 32

/* For more than 400 both forms agree in every bit, and exp would overflow. */
static double complex softplus(double complex x)
{
    return creal(x) > 400 ? x : clog(1 + cexp(x));
}

static double complex error_function(double complex x)
{
    acb_t z;
    double complex value;

    if (cimag(x) == 0)
        return erf(creal(x));
    acb_init(z);
    acb_set_d_d(z, creal(x), cimag(x));
    acb_hypgeom_erf(z, z, ERF_PREC);
    value = arf_get_d(arb_midref(acb_realref(z)), ARF_RND_NEAR) + I * arf_get_d(arb_midref(acb_imagref(z)), ARF_RND_NEAR);
    acb_clear(z);
    return value;
}

static double complex guess_function(caustic_op op, double complex x)
{
    int right = creal(x) > 0;

    switch (op)
    {
        case CAUSTIC_OP_EXP:
            return cimag(x) == 0 ? exp(creal(x)) : cexp(x);
        case CAUSTIC_OP_LOG:
            return clog(x);
        case CAUSTIC_OP_SIN:
            return csin(x);
        case CAUSTIC_OP_COS:
            return ccos(x);
        case CAUSTIC_OP_TAN:
            return ctan(x);
        case CAUSTIC_OP_ATAN:
            return catan(x);
        case CAUSTIC_OP_SINH:
            return csinh(x);
        case CAUSTIC_OP_COSH:
            return ccosh(x);
        case CAUSTIC_OP_TANH:
            return ctanh(x);
        case CAUSTIC_OP_SIGMOID:
            return 1 / (1 + cexp(-x));
        case CAUSTIC_OP_SOFTPLUS:
            return softplus(x);
        case CAUSTIC_OP_ERF:
            return error_function(x);
        case CAUSTIC_OP_ABS:
            return right ? x : -x;
        case CAUSTIC_OP_RELU:
            return right ? x : 0;
        case CAUSTIC_OP_SIGN:
            return right ? 1 : -1;
        case CAUSTIC_OP_STEP:
            return right ? 1 : 0;
        default:
            return NAN;
    }
}

/* Small powers by products; the others by the principal branch. */
static double complex guess_power(double complex x, double exponent)
{
    double complex res = 1;
    double n = fabs(exponent);

    if (exponent == 0.5)
        return csqrt(x);
    if (n != floor(n) || n > 64)
        return cpow(x, exponent);
    for (; n > 0; n = floor(n / 2), x *= x)
        if (fmod(n, 2) == 1)
            res *= x;
    return exponent < 0 ? 1 / res : res;
}

/* The registers from 0 on; the first are the inputs. */
static double complex guess(const caustic_instruction * code, const caustic_tape * tape, const double complex * registers,
    const double * constants)
{
    const slong * operands = tape->operands + code->first, * coefficients = tape->coefficients + code->first;
    double constant = code->constant >= 0 ? constants[code->constant] : code->op == CAUSTIC_TAPE_PRODUCT ? 1 : 0;
    double complex res = constant;

    switch (code->op)
    {
        case CAUSTIC_TAPE_NUMBER:
            return constant;
        case CAUSTIC_TAPE_PI:
            return 3.141592653589793;
        case CAUSTIC_TAPE_SUM:
            for (slong k = 0; k < code->length; k++)
                res += (coefficients[k] < 0 ? 1 : constants[coefficients[k]]) * registers[operands[k]];
            return res;
        case CAUSTIC_TAPE_PRODUCT:
            for (slong k = 0; k < code->length; k++)
                res *= registers[operands[k]];
            return res;
        case CAUSTIC_TAPE_QUOTIENT:
            return registers[operands[0]] / registers[operands[1]];
        case CAUSTIC_TAPE_POWER:
            return guess_power(registers[operands[0]], constant);
        case CAUSTIC_TAPE_FUNCTION:
            return guess_function(code->function, registers[operands[0]]);
    }
    return NAN;
}

void caustic_evaluate_guess(double * out, caustic_evaluator * evaluator, const double * in)
{
    const caustic_tape * tape = evaluator->tape;
    double complex * registers;

    if (evaluator->guess_registers == NULL)
    {
        evaluator->guess_registers = flint_calloc((size_t) tape->registers + 1, sizeof(double complex));
        evaluator->guess_constants = flint_calloc((size_t) tape->constants_length + 1, sizeof(double));
        for (slong i = 0; i < tape->constants_length; i++)
            evaluator->guess_constants[i] = fmpq_get_d(tape->constants + i);
    }
    registers = evaluator->guess_registers;
    memcpy(registers, in, (size_t) tape->symbols * sizeof(double complex));
    for (slong i = 0; i < tape->length; i++)
    {
        const caustic_instruction * code = tape->instructions + i;

        registers[code->destination] = guess(code, tape, registers, evaluator->guess_constants);
    }
    for (slong i = 0; i < tape->roots; i++)
        memcpy(out + 2 * i, registers + tape->root_registers[i], sizeof(double complex));
}
