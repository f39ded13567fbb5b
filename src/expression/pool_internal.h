/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    pool_internal: how the expressions of a pool are stored. Only for src/expression.
*/

#ifndef CAUSTIC_POOL_INTERNAL_H
#define CAUSTIC_POOL_INTERNAL_H

#include <caustic/expression.h>

/* What is certain about the values of a node wherever it is defined, for all real values of its
   symbols (positive ones, of symbols assumed positive). */
enum
{
    FLAG_NONNEGATIVE = 1,
    FLAG_POSITIVE = 2, /* implies FLAG_NONNEGATIVE */
    FLAG_TOTAL = 4     /* defined everywhere */
};

/* Why a construction gave CAUSTIC_NONE; the parser turns it into a message. */
typedef enum
{
    FAILURE_NONE = 0,
    FAILURE_DIVISION_BY_ZERO,
    FAILURE_ZERO_TO_ZERO,
    FAILURE_ROOT_OF_NEGATIVE,
    FAILURE_LOG_OF_NONPOSITIVE,
    FAILURE_SIGN_OF_ZERO,
    FAILURE_NUMBER_TOO_LARGE,
    FAILURE_EXPONENT_TOO_LARGE
}
pool_failure;

typedef struct
{
    unsigned char op;
    unsigned char flags;
    uint32_t arity;
    size_t first;   /* the children are children[first .. first + arity - 1] */
    uint32_t hash;
    uint32_t height; /* 0 for a leaf; tells most nodes apart without going down into them */
    double degree;  /* decides the order in which terms are printed, nothing else */
    fmpq * value;   /* of NUMBER and POWER, owned */
    char * name;    /* of SYMBOL, owned */
}
pool_node;

struct caustic_pool
{
    pool_node * nodes; /* nodes[0] is not used */
    size_t length;
    size_t capacity;
    caustic_expr * children;
    size_t children_length;
    size_t children_capacity;
    caustic_expr * table; /* open addressing; 0 is empty */
    size_t table_size;    /* a power of two */
    pool_failure failure;
    ulong number_bits;    /* numbers beyond this size are not made */
    ulong exponent_limit; /* nor exponents with numerator or denominator beyond this */
};

/* Limits when expressions are built by a program: wide enough for every derivative of what the
   parser lets through, small enough that no construction can hang. */
#define POOL_NUMBER_BITS (8 * 33220)
#define POOL_EXPONENT_LIMIT 1000000
/* The bits of CAUSTIC_NUMBER_DIGITS decimal digits, rounded up: 10000 log_2(10) = 33219.28... */
#define PARSER_NUMBER_BITS 33220

static inline const pool_node * pool_get(const caustic_pool * pool, caustic_expr e)
{
    return pool->nodes + e;
}

static inline caustic_op pool_op(const caustic_pool * pool, caustic_expr e)
{
    return (caustic_op) pool->nodes[e].op;
}

/* Valid until the next node is made. */
static inline const caustic_expr * pool_children(const caustic_pool * pool, caustic_expr e)
{
    return pool->children + pool->nodes[e].first;
}

static inline caustic_expr pool_child(const caustic_pool * pool, caustic_expr e)
{
    return pool->children[pool->nodes[e].first];
}

static inline int pool_has(const caustic_pool * pool, caustic_expr e, int flags)
{
    return (pool->nodes[e].flags & flags) == flags;
}

static inline int pool_is_number(const caustic_pool * pool, caustic_expr e)
{
    return pool_op(pool, e) == CAUSTIC_OP_NUMBER;
}

static inline int pool_is_zero(const caustic_pool * pool, caustic_expr e)
{
    return pool_is_number(pool, e) && fmpq_is_zero(pool->nodes[e].value);
}

/* The node with exactly these parts, made if there is none; nothing is simplified. `children` must
   not point into the pool. */
caustic_expr pool_make(caustic_pool * pool, caustic_op op, const caustic_expr * children,
    slong arity, const fmpq * value);
/* CAUSTIC_NONE, noting why. */
caustic_expr pool_fail(caustic_pool * pool, pool_failure failure);

/* The domain of x^e as conditions on x; an intersection of domains is a bitwise or. A condition
   that x meets by its flags is left out. */
enum
{
    DOMAIN_ALL = 0,
    DOMAIN_NONZERO = 1,
    DOMAIN_NONNEGATIVE = 2,
    DOMAIN_POSITIVE = 3
};

int pool_power_domain(const caustic_pool * pool, caustic_expr base, const fmpq_t exponent);
int pool_domain_reduce(const caustic_pool * pool, caustic_expr base, int domain);

/* Order: total, the same in every run and for every order of construction. */
int pool_compare_factors(const caustic_pool * pool, caustic_expr a, caustic_expr b);
int pool_compare_terms(const caustic_pool * pool, caustic_expr a, caustic_expr b);
int pool_compare_names(const char * a, const char * b);
typedef int (*pool_comparison)(const caustic_pool * pool, caustic_expr a, caustic_expr b);
/* Sorts items[i].expr by the comparison; stable. */
typedef struct
{
    caustic_expr expr;
    slong index;
}
pool_item;
void pool_sort(pool_item * items, slong length, pool_comparison compare, const caustic_pool * pool);

/* All nodes below and including the roots, ascending. Freed with flint_free. */
slong pool_reachable(caustic_expr ** nodes, const caustic_pool * pool, const caustic_expr * roots, slong length);

/* Whether the sum or number or product starts, as printed, with a minus that an even function or
   an even power may drop. */
int pool_leads_with_minus(const caustic_pool * pool, caustic_expr e);

/* "exp" and the like; NULL for what is not a function. SIGN and STEP have no name of their own. */
const char * pool_function_name(caustic_op op);

#endif
