/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    tape: expressions become a straight-line program.

    Two passes. The first gives every instruction a value of its own and finds equal instructions;
    the second lets values share registers as soon as they are dead.
*/

#include <stdlib.h>
#include <string.h>
#include "expression/pool_internal.h"
#include "expression/tape_internal.h"

typedef struct
{
    const caustic_pool * pool;
    caustic_tape * tape;
    slong instructions_capacity;
    slong operands_capacity;
    slong constants_capacity;
    slong * table;      /* of instructions; -1 is empty */
    slong table_size;
    slong * values;     /* of reachable nodes, by handle; -1: not yet */
    slong * operands;   /* of the instruction being made */
    slong * coefficients;
    slong length;
    slong capacity;
}
builder;

/* Constants **************************************************************************************/

static slong add_constant(builder * b, const fmpq_t value)
{
    caustic_tape * tape = b->tape;
    slong i;

    /* recent ones only: a tape with many constants does not need them shared */
    for (i = tape->constants_length - 1; i >= 0 && i >= tape->constants_length - 32; i--)
        if (fmpq_equal(tape->constants + i, value))
            return i;
    if (tape->constants_length == b->constants_capacity)
    {
        b->constants_capacity = FLINT_MAX(8, 2 * b->constants_capacity);
        tape->constants = flint_realloc(tape->constants, b->constants_capacity * sizeof(fmpq));
    }
    fmpq_init(tape->constants + tape->constants_length);
    fmpq_set(tape->constants + tape->constants_length, value);
    return tape->constants_length++;
}

/* Instructions ***********************************************************************************/

static void start(builder * b)
{
    b->length = 0;
}

static void add_operand(builder * b, slong value, slong coefficient)
{
    if (b->length == b->capacity)
    {
        b->capacity = FLINT_MAX(16, 2 * b->capacity);
        b->operands = flint_realloc(b->operands, b->capacity * sizeof(slong));
        b->coefficients = flint_realloc(b->coefficients, b->capacity * sizeof(slong));
    }
    b->operands[b->length] = value;
    b->coefficients[b->length] = coefficient;
    b->length++;
}

static ulong hash_instruction(const caustic_instruction * code, const slong * operands, const slong * coefficients)
{
    uint64_t hash = (uint64_t) code->op * 31 + (uint64_t) code->function;
    slong i;

    hash = hash * UINT64_C(0x9E3779B97F4A7C15) + (uint64_t) code->constant;
    for (i = 0; i < code->length; i++)
    {
        hash = (hash ^ (hash >> 29)) * UINT64_C(0x9E3779B97F4A7C15) + (uint64_t) operands[i];
        hash = hash * UINT64_C(0xBF58476D1CE4E5B9) + (uint64_t) coefficients[i];
    }
    return (ulong) (hash ^ (hash >> 32));
}

static int same_instruction(const caustic_tape * tape, slong i, const caustic_instruction * code,
    const slong * operands, const slong * coefficients)
{
    const caustic_instruction * other = tape->instructions + i;
    slong k;

    if (other->op != code->op || other->function != code->function || other->constant != code->constant
        || other->length != code->length)
        return 0;
    for (k = 0; k < code->length; k++)
        if (tape->operands[other->first + k] != operands[k] || tape->coefficients[other->first + k] != coefficients[k])
            return 0;
    return 1;
}

static void enter_in_table(builder * b, slong i)
{
    const caustic_instruction * code = b->tape->instructions + i;
    ulong slot = hash_instruction(code, b->tape->operands + code->first, b->tape->coefficients + code->first);

    for (slot &= (ulong) b->table_size - 1; b->table[slot] >= 0; slot = (slot + 1) & ((ulong) b->table_size - 1))
        ;
    b->table[slot] = i;
}

static void grow_table(builder * b)
{
    slong i;

    b->table_size *= 2;
    b->table = flint_realloc(b->table, b->table_size * sizeof(slong));
    for (i = 0; i < b->table_size; i++)
        b->table[i] = -1;
    for (i = 0; i < b->tape->length; i++)
        enter_in_table(b, i);
}

/* The value of the instruction with the operands collected so far; an equal one is used again. */
static slong finish(builder * b, caustic_tape_op op, caustic_op function, slong constant)
{
    caustic_tape * tape = b->tape;
    caustic_instruction code;
    ulong slot;
    slong i;

    code.op = op;
    code.function = function;
    code.constant = constant;
    code.length = b->length;
    code.first = tape->operands_length;
    slot = hash_instruction(&code, b->operands, b->coefficients) & ((ulong) b->table_size - 1);
    for (; b->table[slot] >= 0; slot = (slot + 1) & ((ulong) b->table_size - 1))
        if (same_instruction(tape, b->table[slot], &code, b->operands, b->coefficients))
            return tape->symbols + b->table[slot];

    if (tape->operands == NULL || tape->operands_length + b->length > b->operands_capacity)
    {
        b->operands_capacity = FLINT_MAX(2 * b->operands_capacity, tape->operands_length + b->length + 16);
        tape->operands = flint_realloc(tape->operands, b->operands_capacity * sizeof(slong));
        tape->coefficients = flint_realloc(tape->coefficients, b->operands_capacity * sizeof(slong));
    }
    for (i = 0; i < b->length; i++)
    {
        tape->operands[tape->operands_length + i] = b->operands[i];
        tape->coefficients[tape->operands_length + i] = b->coefficients[i];
    }
    tape->operands_length += b->length;
    if (tape->length == b->instructions_capacity)
    {
        b->instructions_capacity = FLINT_MAX(16, 2 * b->instructions_capacity);
        tape->instructions = flint_realloc(tape->instructions, b->instructions_capacity * sizeof(caustic_instruction));
    }
    code.destination = tape->symbols + tape->length;
    tape->instructions[tape->length] = code;
    b->table[slot] = tape->length++;
    if (2 * tape->length > b->table_size)
        grow_table(b);
    return code.destination;
}

static slong number_value(builder * b, const fmpq_t value)
{
    start(b);
    return finish(b, CAUSTIC_TAPE_NUMBER, (caustic_op) 0, add_constant(b, value));
}

static slong one_value(builder * b)
{
    slong value;
    fmpq_t one;

    fmpq_init(one);
    fmpq_one(one);
    value = number_value(b, one);
    fmpq_clear(one);
    return value;
}

static slong power_value(builder * b, slong base, const fmpq_t exponent)
{
    if (fmpq_is_one(exponent))
        return base;
    start(b);
    add_operand(b, base, -1);
    return finish(b, CAUSTIC_TAPE_POWER, (caustic_op) 0, add_constant(b, exponent));
}

static slong quotient_value(builder * b, slong numerator, slong denominator)
{
    start(b);
    add_operand(b, numerator, -1);
    add_operand(b, denominator, -1);
    return finish(b, CAUSTIC_TAPE_QUOTIENT, (caustic_op) 0, -1);
}

static slong scaled_value(builder * b, slong value, const fmpq_t c)
{
    if (fmpq_is_one(c))
        return value;
    start(b);
    add_operand(b, value, -1);
    return finish(b, CAUSTIC_TAPE_PRODUCT, (caustic_op) 0, add_constant(b, c));
}

/* Expressions ************************************************************************************/

static int is_negative_power(const caustic_pool * pool, caustic_expr e)
{
    return pool_op(pool, e) == CAUSTIC_OP_POWER && fmpq_sgn(pool_get(pool, e)->value) < 0;
}

static slong inverse_power_value(builder * b, caustic_expr e)
{
    slong value;
    fmpq_t exponent;

    fmpq_init(exponent);
    fmpq_neg(exponent, pool_get(b->pool, e)->value);
    value = power_value(b, b->values[pool_child(b->pool, e)], exponent);
    fmpq_clear(exponent);
    return value;
}

static slong multiply_collected(builder * b)
{
    if (b->length == 0)
        return one_value(b);
    if (b->length == 1)
        return b->operands[0];
    return finish(b, CAUSTIC_TAPE_PRODUCT, (caustic_op) 0, -1);
}

/* The product without its numeric coefficient: one quotient at most. */
static slong product_core(builder * b, caustic_expr e)
{
    const caustic_pool * pool = b->pool;
    const caustic_expr * factors = pool_children(pool, e);
    slong i, arity = caustic_expr_arity(pool, e), below = 0, numerator, denominator, * inverses;

    if (pool_is_number(pool, factors[0]))
    {
        factors++;
        arity--;
    }
    inverses = flint_malloc(arity * sizeof(slong));
    for (i = 0; i < arity; i++)
        if (is_negative_power(pool, factors[i]))
            inverses[below++] = inverse_power_value(b, factors[i]);
    start(b);
    for (i = 0; i < arity; i++)
        if (!is_negative_power(pool, factors[i]))
            add_operand(b, b->values[factors[i]], -1);
    numerator = multiply_collected(b);
    if (below > 0)
    {
        start(b);
        for (i = 0; i < below; i++)
            add_operand(b, inverses[i], -1);
        denominator = multiply_collected(b);
        numerator = quotient_value(b, numerator, denominator);
    }
    flint_free(inverses);
    return numerator;
}

static const fmpq * coefficient_of(const caustic_pool * pool, caustic_expr e)
{
    if (pool_op(pool, e) != CAUSTIC_OP_PRODUCT || !pool_is_number(pool, pool_child(pool, e)))
        return NULL;
    return pool_get(pool, pool_child(pool, e))->value;
}

/* A coefficient that all terms but the number share (as in a mean) is applied once. */
static const fmpq * common_coefficient(const caustic_pool * pool, caustic_expr sum)
{
    const caustic_expr * terms = pool_children(pool, sum);
    slong i, arity = caustic_expr_arity(pool, sum);
    const fmpq * c = NULL;

    if (arity < 3)
        return NULL;
    for (i = pool_is_number(pool, terms[0]); i < arity; i++)
    {
        const fmpq * d = coefficient_of(pool, terms[i]);

        if (d == NULL || (c != NULL && !fmpq_equal(c, d)))
            return NULL;
        c = d;
    }
    return c == NULL || (fmpz_is_pm1(fmpq_numref(c)) && fmpz_is_one(fmpq_denref(c))) || fmpq_is_zero(c) ? NULL : c;
}

static slong sum_value(builder * b, caustic_expr e)
{
    const caustic_pool * pool = b->pool;
    const caustic_expr * terms = pool_children(pool, e);
    slong i, arity = caustic_expr_arity(pool, e), constant = -1, value, * cores;
    const fmpq * common = common_coefficient(pool, e);

    cores = flint_malloc(arity * sizeof(slong));
    for (i = 0; i < arity; i++)
        if (!pool_is_number(pool, terms[i]))
            cores[i] = coefficient_of(pool, terms[i]) == NULL ? b->values[terms[i]] : product_core(b, terms[i]);
    start(b);
    for (i = 0; i < arity; i++)
    {
        const fmpq * c = coefficient_of(pool, terms[i]);

        if (pool_is_number(pool, terms[i]))
            constant = add_constant(b, pool_get(pool, terms[i])->value);
        else
            add_operand(b, cores[i], c == NULL || common != NULL ? -1 : add_constant(b, c));
    }
    if (common == NULL)
    {
        value = finish(b, CAUSTIC_TAPE_SUM, (caustic_op) 0, constant);
    }
    else
    {
        value = finish(b, CAUSTIC_TAPE_SUM, (caustic_op) 0, -1);
        start(b);
        add_operand(b, value, add_constant(b, common));
        if (constant >= 0)
            value = finish(b, CAUSTIC_TAPE_SUM, (caustic_op) 0, constant);
        else
            value = scaled_value(b, value, common);
    }
    flint_free(cores);
    return value;
}

/* Returns -1 for a symbol that is not an input. */
static slong node_value(builder * b, caustic_expr e)
{
    const caustic_pool * pool = b->pool;
    slong value;

    switch (pool_op(pool, e))
    {
        case CAUSTIC_OP_NUMBER:
            return number_value(b, pool_get(pool, e)->value);
        case CAUSTIC_OP_SYMBOL:
            return b->values[e];
        case CAUSTIC_OP_PI:
            start(b);
            return finish(b, CAUSTIC_TAPE_PI, (caustic_op) 0, -1);
        case CAUSTIC_OP_SUM:
            return sum_value(b, e);
        case CAUSTIC_OP_PRODUCT:
            value = product_core(b, e);
            return coefficient_of(pool, e) == NULL ? value : scaled_value(b, value, coefficient_of(pool, e));
        case CAUSTIC_OP_POWER:
            return power_value(b, b->values[pool_child(pool, e)], pool_get(pool, e)->value);
        default:
            start(b);
            add_operand(b, b->values[pool_child(pool, e)], -1);
            return finish(b, CAUSTIC_TAPE_FUNCTION, pool_op(pool, e), -1);
    }
}

/* Marks the nodes whose own value is asked for: a term of a sum gives its core and its
   coefficient instead, and a denominator or a coefficient is not computed by itself. */
static char * mark_needed(const caustic_pool * pool, const caustic_expr * nodes, slong count,
    const caustic_expr * roots, slong roots_length)
{
    caustic_expr highest = count > 0 ? nodes[count - 1] : 0;
    char * needed = flint_malloc((size_t) highest + 1);
    slong i, k;

    for (i = 0; i < count; i++)
        needed[nodes[i]] = 0;
    for (i = 0; i < roots_length; i++)
        needed[roots[i]] = 1;
    for (i = count - 1; i >= 0; i--)
    {
        caustic_op op = pool_op(pool, nodes[i]);
        const caustic_expr * children = pool_children(pool, nodes[i]);

        /* 2: needed without its coefficient */
        if (!needed[nodes[i]])
            continue;
        for (k = 0; k < caustic_expr_arity(pool, nodes[i]); k++)
        {
            caustic_expr child = children[k];

            if ((op == CAUSTIC_OP_SUM || op == CAUSTIC_OP_PRODUCT) && pool_is_number(pool, child))
                continue;
            if (op == CAUSTIC_OP_SUM && coefficient_of(pool, child) != NULL)
                needed[child] |= 2;
            else if (op == CAUSTIC_OP_PRODUCT && is_negative_power(pool, child))
                needed[child] |= 2;
            else
                needed[child] |= 1;
        }
    }
    return needed;
}

/* Registers **************************************************************************************/

/* Marks what depends on no input: no operand, or fixed operands only. Operands are still values. */
static void mark_fixed(caustic_tape * tape)
{
    slong i, k;

    for (i = 0; i < tape->length; i++)
    {
        caustic_instruction * code = tape->instructions + i;

        code->fixed = 1;
        for (k = 0; k < code->length; k++)
        {
            slong value = tape->operands[code->first + k];

            if (value < tape->symbols || !tape->instructions[value - tape->symbols].fixed)
                code->fixed = 0;
        }
    }
}

/* Values become registers: one is free again after the last instruction that reads it. A fixed one
   has a register of its own, so that an evaluator can keep it. */
static void allocate_registers(caustic_tape * tape)
{
    slong values = tape->symbols + tape->length, i, k, free_length = 0;
    slong * last = flint_malloc(FLINT_MAX(values, 1) * sizeof(slong));
    slong * place = flint_malloc(FLINT_MAX(values, 1) * sizeof(slong));
    slong * spare = flint_malloc(FLINT_MAX(values, 1) * sizeof(slong));

    for (i = 0; i < values; i++)
        last[i] = -1;
    for (i = 0; i < tape->length; i++)
        for (k = 0; k < tape->instructions[i].length; k++)
            last[tape->operands[tape->instructions[i].first + k]] = i;
    for (i = 0; i < tape->roots; i++)
        last[tape->root_registers[i]] = WORD_MAX;
    mark_fixed(tape);
    for (i = 0; i < tape->length; i++)
        if (tape->instructions[i].fixed)
            last[tape->symbols + i] = WORD_MAX;

    tape->registers = tape->symbols;
    for (i = 0; i < tape->symbols; i++)
        place[i] = i;
    for (i = 0; i < tape->length; i++)
    {
        caustic_instruction * code = tape->instructions + i;
        slong own = code->destination;

        /* the destination is taken before the operands are given back, so it is none of them */
        place[own] = free_length > 0 && !code->fixed ? spare[--free_length] : tape->registers++;
        code->destination = place[own];
        for (k = 0; k < code->length; k++)
        {
            slong value = tape->operands[code->first + k];

            tape->operands[code->first + k] = place[value];
            if (value >= tape->symbols && last[value] == i)
            {
                spare[free_length++] = place[value];
                last[value] = WORD_MAX; /* given back once, though it may stand here twice */
            }
        }
        if (last[own] == -1) /* read by nobody */
            spare[free_length++] = place[own];
    }
    for (i = 0; i < tape->roots; i++)
        tape->root_registers[i] = place[tape->root_registers[i]];
    flint_free(last);
    flint_free(place);
    flint_free(spare);
}

caustic_tape * caustic_tape_new(const caustic_pool * pool, const caustic_expr * roots, slong roots_length,
    const caustic_expr * symbols, slong symbols_length)
{
    caustic_tape * tape;
    caustic_expr * nodes;
    char * needed;
    builder b;
    slong i, count;
    int fine = 1;

    for (i = 0; i < roots_length; i++)
        if (roots[i] == CAUSTIC_NONE)
            return NULL;

    tape = flint_calloc(1, sizeof(caustic_tape));
    tape->symbols = symbols_length;
    tape->roots = roots_length;
    tape->root_registers = flint_malloc(FLINT_MAX(roots_length, 1) * sizeof(slong));
    memset(&b, 0, sizeof(builder));
    b.pool = pool;
    b.tape = tape;
    b.table_size = 64;
    b.table = flint_malloc(b.table_size * sizeof(slong));
    for (i = 0; i < b.table_size; i++)
        b.table[i] = -1;

    count = pool_reachable(&nodes, pool, roots, roots_length);
    needed = mark_needed(pool, nodes, count, roots, roots_length);
    b.values = flint_malloc((count > 0 ? (size_t) nodes[count - 1] + 1 : 1) * sizeof(slong));
    for (i = 0; i < count; i++)
        b.values[nodes[i]] = -1;
    for (i = 0; i < symbols_length; i++)
        if (count > 0 && symbols[i] <= nodes[count - 1])
            b.values[symbols[i]] = i;
    for (i = 0; i < count && fine; i++)
    {
        if (!(needed[nodes[i]] & 1))
            continue;
        b.values[nodes[i]] = node_value(&b, nodes[i]);
        fine = b.values[nodes[i]] >= 0;
    }
    for (i = 0; i < roots_length && fine; i++)
        tape->root_registers[i] = b.values[roots[i]];

    flint_free(b.table);
    flint_free(b.values);
    flint_free(b.operands);
    flint_free(b.coefficients);
    flint_free(nodes);
    flint_free(needed);
    if (!fine)
    {
        caustic_tape_free(tape);
        return NULL;
    }
    allocate_registers(tape);
    return tape;
}

void caustic_tape_free(caustic_tape * tape)
{
    slong i;

    if (tape == NULL)
        return;
    for (i = 0; i < tape->constants_length; i++)
        fmpq_clear(tape->constants + i);
    flint_free(tape->constants);
    flint_free(tape->instructions);
    flint_free(tape->operands);
    flint_free(tape->coefficients);
    flint_free(tape->root_registers);
    flint_free(tape);
}

slong caustic_tape_roots(const caustic_tape * tape)
{
    return tape->roots;
}

slong caustic_tape_symbols(const caustic_tape * tape)
{
    return tape->symbols;
}
