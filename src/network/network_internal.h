/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    What the files of the forward language share: operations on arrays, and where to complain.
*/

#ifndef CAUSTIC_NETWORK_INTERNAL_H
#define CAUSTIC_NETWORK_INTERNAL_H

#include <caustic/network.h>

/* Where an operation builds, and where it stands in the file. */
typedef struct
{
    caustic_pool * pool;
    const caustic_data * data;
    slong work;
    size_t nodes_before; /* of the pool */
    const char * file;
    slong line;
    slong column;
    caustic_error_struct * error;
}
builder;

#define fail(b, ...) caustic_error_set((b)->error, CAUSTIC_BAD_INPUT, (b)->file, (b)->line, (b)->column, __VA_ARGS__)

#define TRY(call) \
    do \
    { \
        caustic_result try_result = (call); \
        if (try_result != CAUSTIC_OK) \
            return try_result; \
    } \
    while (0)

/* Each operation below writes its result into an initialised array, other than its arguments. */
typedef caustic_result (* tensor_operation)(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument,
    slong length);

/* Room for the result, counted as work. */
caustic_result tensor_room(caustic_tensor_struct * out, builder * b, slong rank, const slong * shape, slong rows) CAUSTIC_MUST_USE;
/* Refuses what would take that many operations more, before it is begun. */
caustic_result expect_work(builder * b, double operations) CAUSTIC_MUST_USE;
/* That every entry is defined, and the work within its limit. */
caustic_result tensor_finish(const caustic_tensor_struct * out, builder * b) CAUSTIC_MUST_USE;
/* "[2, 3]", "a scalar". */
const char * tensor_shape_text(char * text, const caustic_tensor_struct * x);
#define SHAPE_TEXT 100

/* The entries of a data row; those of all rows where it does not depend on them. */
static inline const caustic_expr *
tensor_row(const caustic_tensor_struct * x, slong row)
{
    return x->entry + (x->rows > 0 ? row * x->entries : 0);
}

/* The rows of a result of two. */
static inline slong
common_rows(const caustic_tensor_struct * x, const caustic_tensor_struct * y)
{
    return FLINT_MAX(x->rows, y->rows);
}

/* Scalar arithmetic that counts what it costs. Undefined results are CAUSTIC_NONE until tensor_finish. */
caustic_expr build_sum(builder * b, const caustic_expr * terms, slong length);
caustic_expr build_mul(builder * b, caustic_expr x, caustic_expr y);
caustic_expr build_sub(builder * b, caustic_expr x, caustic_expr y);
caustic_expr build_div(builder * b, caustic_expr x, caustic_expr y);
caustic_expr build_function(builder * b, caustic_op op, caustic_expr x);
/* sum of x_i y_i, with a step between the entries of each */
caustic_expr build_dot(builder * b, const caustic_expr * x, slong x_step, const caustic_expr * y, slong y_step, slong length);
/* x/n */
caustic_expr build_over(builder * b, caustic_expr x, slong n);

/* A scalar argument that is an integer. */
caustic_result integer_argument(slong * value, builder * b, const caustic_tensor_struct * x, slong least, slong most,
    const char * what) CAUSTIC_MUST_USE;

/* + - * / : '+', '-', '*', '/', entrywise; the smaller shape must be the end of the larger. */
caustic_result tensor_binary(caustic_tensor_struct * out, builder * b, char op, const caustic_tensor_struct * x,
    const caustic_tensor_struct * y) CAUSTIC_MUST_USE;
/* The sum of several, each with its sign. */
caustic_result tensor_add(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, const char * minus,
    slong length) CAUSTIC_MUST_USE;
caustic_result tensor_negate(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * x) CAUSTIC_MUST_USE;
caustic_result tensor_power(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * x,
    const caustic_tensor_struct * exponent) CAUSTIC_MUST_USE;
caustic_result tensor_product(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * x,
    const caustic_tensor_struct * y) CAUSTIC_MUST_USE;
caustic_result tensor_map(caustic_tensor_struct * out, builder * b, caustic_op op, const caustic_tensor_struct * x) CAUSTIC_MUST_USE;
/* [a, b, ...]: a new first axis. */
caustic_result tensor_stack(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length) CAUSTIC_MUST_USE;
/* first[k] to last[k], counted from 0, of each axis; an axis with keep[k] = 0 has one and goes. */
caustic_result tensor_part(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * x, const slong * first,
    const slong * last, const int * keep) CAUSTIC_MUST_USE;
caustic_result tensor_transpose(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length) CAUSTIC_MUST_USE;

/* A function with more to it than one entry. */
typedef struct
{
    const char * name;
    slong least; /* arguments */
    slong most;
    tensor_operation apply;
}
network_function;

extern const network_function network_functions[];
extern const slong network_functions_length;

#endif
