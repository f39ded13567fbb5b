/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    tape_internal: what a tape is made of, for every evaluator (balls, complex balls, jets, series).

    An evaluator keeps `registers` values. Registers 0 .. symbols-1 are the inputs and are never
    written. It runs the instructions in order; each writes its destination, which is never one of
    its own operands, so no instruction needs to care about aliasing. Registers are used again once
    their value is dead. Afterwards root i stands in register root_registers[i], which may be an
    input, and may be shared by several roots.
*/

#ifndef CAUSTIC_TAPE_INTERNAL_H
#define CAUSTIC_TAPE_INTERNAL_H

#include <caustic/expression.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum
{
    CAUSTIC_TAPE_NUMBER = 1, /* the constant */
    CAUSTIC_TAPE_PI,
    CAUSTIC_TAPE_SUM,        /* constant + sum of coefficient_k * operand_k */
    CAUSTIC_TAPE_PRODUCT,    /* constant * product of operand_k, one operand or more */
    CAUSTIC_TAPE_QUOTIENT,   /* operand_0 / operand_1 */
    CAUSTIC_TAPE_POWER,      /* operand_0 ^ constant, the exponent rational and not 0 or 1 */
    CAUSTIC_TAPE_FUNCTION    /* function(operand_0) */
}
caustic_tape_op;

typedef struct
{
    caustic_tape_op op;
    caustic_op function;  /* of FUNCTION: CAUSTIC_OP_EXP .. CAUSTIC_OP_STEP */
    slong destination;    /* >= symbols */
    slong first;          /* the operands are operands[first .. first + length - 1] */
    slong length;
    slong constant;       /* index into constants; -1: none (0 for SUM, 1 for PRODUCT) */
    int fixed;            /* 1: depends on no input, and no other instruction writes its register */
}
caustic_instruction;

struct caustic_tape
{
    slong symbols;
    slong roots;
    slong registers;             /* inputs included */
    slong length;
    caustic_instruction * instructions;
    slong * operands;            /* registers */
    slong * coefficients;        /* parallel to operands, of SUM: index into constants; -1: 1 */
    slong operands_length;
    fmpq * constants;            /* canonical, non-zero where they are coefficients */
    slong constants_length;
    slong * root_registers;
};

/* What an instruction is where the last input is y, y + h, y + 2h, ... and the others stand still. */
typedef struct
{
    int needed;     /* something reads what it writes */
    int geometric;  /* exp of an argument that is affine in y: value is multiplied by ratio each time */
    int still;      /* does not depend on y: value */
    arb_t value;
    arb_t ratio;
}
caustic_progress;

/* Registers are kept; the fixed ones are computed again only for a higher precision. */
struct caustic_evaluator
{
    const caustic_tape * tape;
    arb_ptr real_registers;      /* those from `symbols` on; NULL before the first evaluation */
    acb_ptr complex_registers;
    arb_t real_room;
    acb_t complex_room;
    slong real_precision;        /* of the fixed registers; 0: not computed */
    slong complex_precision;
    caustic_progress * progress; /* an entry an instruction; NULL before the first progression */
    arb_ptr progress_registers;
    arb_ptr place;               /* of a progression: the next inputs */
    arf_t step;
    slong progress_precision;
    void * guess_registers;      /* complex doubles; NULL before the first guess */
    double * guess_constants;
};

/* The precision at which fixed registers are computed, so that slowly growing ones seldom are. */
static inline slong caustic_fixed_precision(slong prec)
{
    return (prec / 128 + 1) * 128;
}

#ifdef __cplusplus
}
#endif

#endif
