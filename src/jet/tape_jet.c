/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    tape_jet: evaluates tapes on jets and on univariate series.
*/

#include "expression/tape_internal.h"
#include "jet/series_internal.h"

/* One variable: the series machine, all inputs known in advance. */
static void evaluate_univariate(arb_ptr * out, const caustic_tape * tape, const arb_srcptr * in,
    slong length, slong prec)
{
    caustic_series_t series;
    slong i, k;

    caustic_series_init(series, tape, length, prec);
    for (i = 0; i < tape->symbols; i++)
    {
        _arb_vec_set(caustic_series_input(series, i), in[i], length);
    }
    for (k = 0; k < length; k++)
    {
        caustic_series_step(series, k);
    }
    for (i = 0; i < tape->roots; i++)
    {
        _arb_vec_set(out[i], caustic_series_root(series, i), length);
    }
    caustic_series_clear(series);
}

void caustic_tape_evaluate_series(arb_ptr * out, const caustic_tape * tape, const arb_t centre,
    slong length, slong prec)
{
    arb_ptr in;
    arb_srcptr inputs[1];
    slong i;

    if (length < 1)
    {
        return;
    }
    if (tape->symbols > 1)
    {
        /* several symbols: there is no series to speak of */
        for (i = 0; i < tape->roots; i++)
        {
            _arb_vec_indeterminate(out[i], length);
        }
        return;
    }
    in = _arb_vec_init(length);
    arb_set(in, centre);
    if (length > 1)
    {
        arb_one(in + 1);
    }
    inputs[0] = in;
    evaluate_univariate(out, tape, inputs, length, prec);
    _arb_vec_clear(in, length);
}

static void sum_of_jets(arb_ptr y, const caustic_tape * tape, const caustic_instruction * instruction,
    arb_srcptr * registers, const caustic_jet_shape * shape, slong prec)
{
    slong length = caustic_jet_length(shape), i, c;
    arb_t t;

    arb_init(t);
    _arb_vec_zero(y, length);
    if (instruction->constant >= 0)
    {
        arb_set_fmpq(y, tape->constants + instruction->constant, prec);
    }
    for (i = instruction->first; i < instruction->first + instruction->length; i++)
    {
        c = tape->coefficients[i];
        if (c < 0)
        {
            _arb_vec_add(y, y, registers[tape->operands[i]], length, prec);
        }
        else
        {
            arb_set_fmpq(t, tape->constants + c, prec);
            _arb_vec_scalar_addmul(y, registers[tape->operands[i]], length, t, prec);
        }
    }
    arb_clear(t);
}

static void product_of_jets(arb_ptr y, const caustic_tape * tape, const caustic_instruction * instruction,
    arb_srcptr * registers, const caustic_jet_shape * shape, slong prec)
{
    const slong * operands = tape->operands + instruction->first;
    slong i;
    arb_t t;

    _arb_vec_set(y, registers[operands[0]], caustic_jet_length(shape));
    for (i = 1; i < instruction->length; i++)
    {
        caustic_jet_mul(y, y, registers[operands[i]], shape, prec);
    }
    if (instruction->constant >= 0)
    {
        arb_init(t);
        arb_set_fmpq(t, tape->constants + instruction->constant, prec);
        caustic_jet_scalar_mul(y, y, t, shape, prec);
        arb_clear(t);
    }
}

/* Whether an operand is undefined: then so is the value, whatever it is multiplied by. */
static int operands_defined(const caustic_tape * tape, const caustic_instruction * instruction,
    arb_srcptr * registers)
{
    slong i;
    for (i = instruction->first; i < instruction->first + instruction->length; i++)
    {
        if (!arb_is_finite(registers[tape->operands[i]]))
        {
            return 0;
        }
    }
    return 1;
}

static void run_instruction(arb_ptr y, const caustic_tape * tape, const caustic_instruction * instruction,
    arb_srcptr * registers, const caustic_jet_shape * shape, slong prec)
{
    const slong * operands = tape->operands + instruction->first;
    slong length = caustic_jet_length(shape);

    if (!operands_defined(tape, instruction, registers))
    {
        _arb_vec_indeterminate(y, length);
        return;
    }
    switch (instruction->op)
    {
        case CAUSTIC_TAPE_NUMBER:
            _arb_vec_zero(y, length);
            arb_set_fmpq(y, tape->constants + instruction->constant, prec);
            break;
        case CAUSTIC_TAPE_PI:
            _arb_vec_zero(y, length);
            arb_const_pi(y, prec);
            break;
        case CAUSTIC_TAPE_SUM:
            sum_of_jets(y, tape, instruction, registers, shape, prec);
            break;
        case CAUSTIC_TAPE_PRODUCT:
            product_of_jets(y, tape, instruction, registers, shape, prec);
            break;
        case CAUSTIC_TAPE_QUOTIENT:
            caustic_jet_inv(y, registers[operands[1]], shape, prec);
            caustic_jet_mul(y, y, registers[operands[0]], shape, prec);
            break;
        case CAUSTIC_TAPE_POWER:
            caustic_jet_power(y, registers[operands[0]], tape->constants + instruction->constant, shape, prec);
            break;
        case CAUSTIC_TAPE_FUNCTION:
            caustic_jet_function(y, instruction->function, registers[operands[0]], shape, prec);
            break;
        default:
            _arb_vec_indeterminate(y, length);
            break;
    }
    if (!arb_is_finite(y))
    {
        _arb_vec_indeterminate(y, length);
    }
}

void caustic_tape_evaluate_jet(arb_ptr * out, const caustic_tape * tape, const arb_srcptr * in,
    const caustic_jet_shape * shape, slong prec)
{
    slong length = caustic_jet_length(shape), written = tape->registers - tape->symbols, i;
    arb_ptr arena, results;
    arb_srcptr * registers;

    if (caustic_jet_variables(shape) == 1)
    {
        evaluate_univariate(out, tape, in, length, prec);
        return;
    }
    arena = _arb_vec_init(written * length);
    registers = flint_malloc(sizeof(arb_srcptr) * (size_t) FLINT_MAX(1, tape->registers));
    for (i = 0; i < tape->registers; i++)
    {
        registers[i] = i < tape->symbols ? in[i] : arena + (i - tape->symbols) * length;
    }
    for (i = 0; i < tape->length; i++)
    {
        const caustic_instruction * instruction = tape->instructions + i;
        run_instruction(arena + (instruction->destination - tape->symbols) * length, tape, instruction,
            registers, shape, prec);
    }
    /* through copies: a root may be an input, and an output may be the same vector as an input */
    results = _arb_vec_init(tape->roots * length);
    for (i = 0; i < tape->roots; i++)
    {
        _arb_vec_set(results + i * length, registers[tape->root_registers[i]], length);
    }
    for (i = 0; i < tape->roots; i++)
    {
        _arb_vec_swap(out[i], results + i * length, length);
    }
    _arb_vec_clear(results, tape->roots * length);
    flint_free(registers);
    _arb_vec_clear(arena, written * length);
}
