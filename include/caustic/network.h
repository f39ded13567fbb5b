/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    network: networks as they are. Vectors, matrices and arrays of expressions, the language of forward
    expressions, which is the language of expressions with matrix products and layers, and the symmetries
    of the loss so defined. Everything is expanded into the pool entry by entry; nothing later knows that a
    loss came from a network.
*/

#ifndef CAUSTIC_NETWORK_H
#define CAUSTIC_NETWORK_H

#include <caustic/expression.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CAUSTIC_TENSOR_RANK 4
#define CAUSTIC_TENSOR_ENTRIES 100000 /* for one data row */
#define CAUSTIC_NETWORK_WORK 1000000  /* operations on single entries of a whole network */

/* An array of expressions, row-major; a scalar has rank 0 and one entry. With data it may have a value for
   each row: the same shape, one after the other. */
typedef struct
{
    slong rank;
    slong shape[CAUSTIC_TENSOR_RANK];
    slong rows;            /* 0: one value for all data rows */
    slong entries;         /* of one row: the product of the shape */
    caustic_expr * entry;  /* max(rows, 1) * entries */
}
caustic_tensor_struct;

typedef caustic_tensor_struct caustic_tensor_t[1];

/* A scalar without a value. */
void caustic_tensor_init(caustic_tensor_t tensor);
void caustic_tensor_clear(caustic_tensor_t tensor);
void caustic_tensor_set(caustic_tensor_t res, const caustic_tensor_t x);
/* Gives it a shape and room; all entries become CAUSTIC_NONE. 0, and nothing done, where it is too large. */
int caustic_tensor_allocate(caustic_tensor_t tensor, slong rank, const slong * shape, slong rows) CAUSTIC_MUST_USE;
/* Appends the name of entry i of an array called `name`: w3 in a vector, w12 in a matrix; in matrices and
   larger arrays with a side longer than 9 each index has as many digits as the longest: w0110. */
void caustic_tensor_entry_name(caustic_text_t out, const char * name, const caustic_tensor_t tensor, slong i);

/* What a forward expression may use. */
typedef struct
{
    const char * name;
    caustic_tensor_struct value;
}
caustic_network_name;

typedef struct
{
    const caustic_network_name * names;
    slong length;
    /* Further names, of scalars: the value, or CAUSTIC_NONE. NULL: there are none. */
    caustic_expr (* scalar)(const void * scalars, const char * name, size_t length);
    const void * scalars;
    const caustic_data * data; /* NULL: no data */
    slong work;                /* operations so far; counted on */
}
caustic_network_scope;

/* Reads a forward expression: numbers, names, data columns (a value for each row), + - * / entrywise with
   trailing shapes broadcast, @ for matrix products, ^ with a rational exponent, lists [a, b] that stack what
   they hold, indices w[1, :] counted from 1, and functions: those of expressions entrywise, and those of
   docs/case-files.md. mean(...) and sum(...) run over the data rows.

   Returns CAUSTIC_OK, or CAUSTIC_BAD_INPUT with error set (position, what was found, what was expected; each
   limit has its own message). result is initialised by the caller, and valid in both cases. */
caustic_result caustic_network_parse(caustic_tensor_t result, caustic_pool * pool, const char * text,
    caustic_network_scope * scope, const caustic_origin * origin, caustic_error_t error) CAUSTIC_MUST_USE;

/* Whether a name is taken by a function of that language. */
int caustic_network_is_function(const char * name);

#ifdef __cplusplus
}
#endif

#endif
