/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    pool: hash-consed nodes and what can be read off them.
*/

#include <string.h>
#include "expression/pool_internal.h"

caustic_pool * caustic_pool_new(void)
{
    caustic_pool * pool = flint_calloc(1, sizeof(caustic_pool));

    pool->capacity = 64;
    pool->nodes = flint_calloc(pool->capacity, sizeof(pool_node));
    pool->length = 1;
    pool->children_capacity = 128;
    pool->children = flint_malloc(pool->children_capacity * sizeof(caustic_expr));
    pool->table_size = 256;
    pool->table = flint_calloc(pool->table_size, sizeof(caustic_expr));
    pool->number_bits = POOL_NUMBER_BITS;
    pool->exponent_limit = POOL_EXPONENT_LIMIT;
    return pool;
}

void caustic_pool_free(caustic_pool * pool)
{
    size_t i;

    if (pool == NULL)
        return;
    for (i = 1; i < pool->length; i++)
    {
        if (pool->nodes[i].value != NULL)
        {
            fmpq_clear(pool->nodes[i].value);
            flint_free(pool->nodes[i].value);
        }
        flint_free(pool->nodes[i].name);
    }
    flint_free(pool->nodes);
    flint_free(pool->children);
    flint_free(pool->table);
    flint_free(pool);
}

caustic_expr pool_fail(caustic_pool * pool, pool_failure failure)
{
    pool->failure = failure;
    return CAUSTIC_NONE;
}

/* Hashing ************************************************************************************/

static uint32_t mix(uint32_t hash, uint32_t word)
{
    uint64_t x = ((uint64_t) hash << 32 | word) * UINT64_C(0x9E3779B97F4A7C15);

    return (uint32_t) (x >> 32) ^ (uint32_t) x;
}

static uint32_t hash_node(caustic_op op, const caustic_expr * children, slong arity,
    const fmpq * value, const char * name)
{
    uint32_t hash = mix(0x2545F491, (uint32_t) op);
    slong i;

    for (i = 0; i < arity; i++)
        hash = mix(hash, children[i]);
    if (value != NULL)
    {
        hash = mix(hash, (uint32_t) fmpz_fdiv_ui(fmpq_numref(value), UWORD(4294967291)));
        hash = mix(hash, (uint32_t) fmpz_fdiv_ui(fmpq_denref(value), UWORD(4294967291)));
    }
    if (name != NULL)
        for (; *name != '\0'; name++)
            hash = mix(hash, (unsigned char) *name);
    return hash;
}

static int same_node(const caustic_pool * pool, caustic_expr e, uint32_t hash, caustic_op op,
    const caustic_expr * children, slong arity, const fmpq * value, const char * name)
{
    const pool_node * node = pool_get(pool, e);

    if (node->hash != hash || node->op != (unsigned char) op || node->arity != (uint32_t) arity)
        return 0;
    if (arity > 0 && memcmp(pool->children + node->first, children, arity * sizeof(caustic_expr)) != 0)
        return 0;
    if (value != NULL && !fmpq_equal(node->value, value))
        return 0;
    return name == NULL || strcmp(node->name, name) == 0;
}

static void grow_table(caustic_pool * pool)
{
    size_t i, slot, size = 2 * pool->table_size;

    flint_free(pool->table);
    pool->table = flint_calloc(size, sizeof(caustic_expr));
    pool->table_size = size;
    for (i = 1; i < pool->length; i++)
    {
        slot = pool->nodes[i].hash & (size - 1);
        while (pool->table[slot] != 0)
            slot = (slot + 1) & (size - 1);
        pool->table[slot] = (caustic_expr) i;
    }
}

/* What is certain about a node *****************************************************************/

int pool_domain_reduce(const caustic_pool * pool, caustic_expr base, int domain)
{
    if (pool_has(pool, base, FLAG_POSITIVE))
        return DOMAIN_ALL;
    if (pool_has(pool, base, FLAG_NONNEGATIVE))
        return domain & ~DOMAIN_NONNEGATIVE;
    return domain;
}

static int exponent_domain(const fmpq_t exponent)
{
    int domain = DOMAIN_ALL;

    if (!fmpz_is_one(fmpq_denref(exponent)))
        domain |= DOMAIN_NONNEGATIVE;
    if (fmpq_sgn(exponent) < 0)
        domain |= DOMAIN_NONZERO;
    return domain;
}

int pool_power_domain(const caustic_pool * pool, caustic_expr base, const fmpq_t exponent)
{
    return pool_domain_reduce(pool, base, exponent_domain(exponent));
}

/* The flags that all children have. */
static int common_flags(const caustic_pool * pool, const caustic_expr * children, slong arity)
{
    int flags = FLAG_NONNEGATIVE | FLAG_POSITIVE | FLAG_TOTAL;
    slong i;

    for (i = 0; i < arity; i++)
        flags &= pool->nodes[children[i]].flags;
    return flags;
}

static int sum_flags(const caustic_pool * pool, const caustic_expr * children, slong arity)
{
    int flags = common_flags(pool, children, arity);
    slong i;

    if (flags & FLAG_NONNEGATIVE)
        for (i = 0; i < arity; i++)
            flags |= pool->nodes[children[i]].flags & FLAG_POSITIVE;
    return flags;
}

static int power_flags(const caustic_pool * pool, caustic_expr base, const fmpq_t exponent)
{
    int flags = 0, domain = exponent_domain(exponent);
    int even = (domain & DOMAIN_NONNEGATIVE) == 0 && fmpz_is_even(fmpq_numref(exponent));

    if (pool_has(pool, base, FLAG_POSITIVE))
        flags |= FLAG_POSITIVE | FLAG_NONNEGATIVE;
    if (pool_has(pool, base, FLAG_NONNEGATIVE) || even || (domain & DOMAIN_NONNEGATIVE))
    {
        flags |= FLAG_NONNEGATIVE;
        if (domain & DOMAIN_NONZERO) /* not negative, and where it is defined not 0 */
            flags |= FLAG_POSITIVE;
    }
    if (pool_has(pool, base, FLAG_TOTAL) && pool_power_domain(pool, base, exponent) == DOMAIN_ALL)
        flags |= FLAG_TOTAL;
    return flags;
}

static int function_flags(const caustic_pool * pool, caustic_op op, caustic_expr argument)
{
    int flags = pool->nodes[argument].flags, total = flags & FLAG_TOTAL;

    switch (op)
    {
        case CAUSTIC_OP_EXP: case CAUSTIC_OP_COSH: case CAUSTIC_OP_SIGMOID: case CAUSTIC_OP_SOFTPLUS:
            return total | FLAG_POSITIVE | FLAG_NONNEGATIVE;
        case CAUSTIC_OP_LOG:
            return (flags & FLAG_POSITIVE) ? total : 0;
        case CAUSTIC_OP_SIN: case CAUSTIC_OP_COS:
            return total;
        case CAUSTIC_OP_TAN:
            return 0;
        case CAUSTIC_OP_ATAN: case CAUSTIC_OP_SINH: case CAUSTIC_OP_TANH: case CAUSTIC_OP_ERF:
            return flags; /* increasing and 0 at 0 */
        case CAUSTIC_OP_ABS: case CAUSTIC_OP_RELU:
            return flags | FLAG_NONNEGATIVE;
        case CAUSTIC_OP_SIGN:
            return (flags & FLAG_POSITIVE) ? flags : flags & FLAG_NONNEGATIVE;
        case CAUSTIC_OP_STEP:
            return (flags & FLAG_POSITIVE) ? flags : FLAG_NONNEGATIVE;
        default:
            return 0;
    }
}

static int node_flags(const caustic_pool * pool, caustic_op op, const caustic_expr * children,
    slong arity, const fmpq * value)
{
    int flags;

    switch (op)
    {
        case CAUSTIC_OP_NUMBER:
            return FLAG_TOTAL | (fmpq_sgn(value) >= 0 ? FLAG_NONNEGATIVE : 0)
                | (fmpq_sgn(value) > 0 ? FLAG_POSITIVE : 0);
        case CAUSTIC_OP_SYMBOL:
            return FLAG_TOTAL;
        case CAUSTIC_OP_PI:
            return FLAG_TOTAL | FLAG_POSITIVE | FLAG_NONNEGATIVE;
        case CAUSTIC_OP_SUM:
            return sum_flags(pool, children, arity);
        case CAUSTIC_OP_PRODUCT:
            flags = common_flags(pool, children, arity);
            return pool_is_zero(pool, children[0]) ? flags | FLAG_NONNEGATIVE : flags;
        case CAUSTIC_OP_POWER:
            return power_flags(pool, children[0], value);
        default:
            return function_flags(pool, op, children[0]);
    }
}

static uint32_t node_height(const caustic_pool * pool, const caustic_expr * children, slong arity)
{
    uint32_t height = 0;
    slong i;

    for (i = 0; i < arity; i++)
        height = FLINT_MAX(height, pool->nodes[children[i]].height + 1);
    return height;
}

/* Kept within +-1e12 so that no infinity arises, whatever is nested. */
static double node_degree(const caustic_pool * pool, caustic_op op, const caustic_expr * children,
    slong arity, const fmpq * value)
{
    double degree = 0;
    slong i;

    switch (op)
    {
        case CAUSTIC_OP_SYMBOL:
            return 1;
        case CAUSTIC_OP_SUM:
            degree = pool->nodes[children[0]].degree;
            for (i = 1; i < arity; i++)
                degree = FLINT_MAX(degree, pool->nodes[children[i]].degree);
            break;
        case CAUSTIC_OP_PRODUCT:
            for (i = 0; i < arity; i++)
                degree += pool->nodes[children[i]].degree;
            break;
        case CAUSTIC_OP_POWER:
            degree = pool->nodes[children[0]].degree * fmpz_get_d(fmpq_numref(value)) / fmpz_get_d(fmpq_denref(value));
            break;
        default:
            break;
    }
    return FLINT_MIN(FLINT_MAX(degree, -1e12), 1e12);
}

/* Making nodes ***********************************************************************************/

static caustic_expr make_named(caustic_pool * pool, caustic_op op, const caustic_expr * children,
    slong arity, const fmpq * value, const char * name)
{
    uint32_t hash = hash_node(op, children, arity, value, name);
    size_t slot = hash & (pool->table_size - 1);
    pool_node * node;

    while (pool->table[slot] != 0)
    {
        if (same_node(pool, pool->table[slot], hash, op, children, arity, value, name))
            return pool->table[slot];
        slot = (slot + 1) & (pool->table_size - 1);
    }

    if (pool->length >= UINT32_MAX - 1)
        flint_throw(FLINT_ERROR, "caustic: more than 2^32 expressions in a pool\n");
    if (pool->length == pool->capacity)
    {
        pool->capacity *= 2;
        pool->nodes = flint_realloc(pool->nodes, pool->capacity * sizeof(pool_node));
    }
    if (pool->children_length + arity > pool->children_capacity)
    {
        pool->children_capacity = FLINT_MAX(2 * pool->children_capacity, pool->children_length + arity);
        pool->children = flint_realloc(pool->children, pool->children_capacity * sizeof(caustic_expr));
    }

    node = pool->nodes + pool->length;
    node->op = (unsigned char) op;
    node->flags = (unsigned char) node_flags(pool, op, children, arity, value);
    node->height = node_height(pool, children, arity);
    node->degree = node_degree(pool, op, children, arity, value);
    node->arity = (uint32_t) arity;
    node->first = pool->children_length;
    node->hash = hash;
    node->value = NULL;
    node->name = NULL;
    if (arity > 0)
        memcpy(pool->children + node->first, children, arity * sizeof(caustic_expr));
    pool->children_length += arity;
    if (value != NULL)
    {
        node->value = flint_malloc(sizeof(fmpq));
        fmpq_init(node->value);
        fmpq_set(node->value, value);
    }
    if (name != NULL)
    {
        node->name = flint_malloc(strlen(name) + 1);
        strcpy(node->name, name);
    }
    pool->table[slot] = (caustic_expr) pool->length;
    pool->length++;
    if (2 * pool->length > pool->table_size)
        grow_table(pool);
    return (caustic_expr) (pool->length - 1);
}

caustic_expr pool_make(caustic_pool * pool, caustic_op op, const caustic_expr * children,
    slong arity, const fmpq * value)
{
    return make_named(pool, op, children, arity, value, NULL);
}

caustic_expr caustic_symbol(caustic_pool * pool, const char * name)
{
    return make_named(pool, CAUSTIC_OP_SYMBOL, NULL, 0, NULL, name);
}

void caustic_symbol_assume_positive(caustic_pool * pool, caustic_expr symbol)
{
    if (symbol != CAUSTIC_NONE && pool_op(pool, symbol) == CAUSTIC_OP_SYMBOL)
        pool->nodes[symbol].flags |= FLAG_POSITIVE | FLAG_NONNEGATIVE;
}

caustic_expr caustic_number(caustic_pool * pool, const fmpq_t value)
{
    if (fmpz_bits(fmpq_numref(value)) > pool->number_bits || fmpz_bits(fmpq_denref(value)) > pool->number_bits)
        return pool_fail(pool, FAILURE_NUMBER_TOO_LARGE);
    return pool_make(pool, CAUSTIC_OP_NUMBER, NULL, 0, value);
}

caustic_expr caustic_integer(caustic_pool * pool, slong value)
{
    caustic_expr e;
    fmpq_t q;

    fmpq_init(q);
    fmpq_set_si(q, value, 1);
    e = caustic_number(pool, q);
    fmpq_clear(q);
    return e;
}

caustic_expr caustic_pi(caustic_pool * pool)
{
    return pool_make(pool, CAUSTIC_OP_PI, NULL, 0, NULL);
}

/* Looking ****************************************************************************************/

caustic_op caustic_expr_op(const caustic_pool * pool, caustic_expr e)
{
    return pool_op(pool, e);
}

slong caustic_expr_arity(const caustic_pool * pool, caustic_expr e)
{
    return (slong) pool_get(pool, e)->arity;
}

caustic_expr caustic_expr_child(const caustic_pool * pool, caustic_expr e, slong i)
{
    return pool_children(pool, e)[i];
}

const fmpq * caustic_expr_fmpq(const caustic_pool * pool, caustic_expr e)
{
    return pool_get(pool, e)->value;
}

const char * caustic_expr_name(const caustic_pool * pool, caustic_expr e)
{
    return pool_get(pool, e)->name;
}

int caustic_expr_is_positive_symbol(const caustic_pool * pool, caustic_expr e)
{
    return e != CAUSTIC_NONE && pool_op(pool, e) == CAUSTIC_OP_SYMBOL && pool_has(pool, e, FLAG_POSITIVE);
}

/* Children stand before their parents, so one pass from the top marks everything below. */
slong pool_reachable(caustic_expr ** nodes, const caustic_pool * pool, const caustic_expr * roots, slong length)
{
    caustic_expr top = 0;
    uint64_t * marks;
    slong i, count = 0, word, words;
    caustic_expr e;

    for (i = 0; i < length; i++)
        top = FLINT_MAX(top, roots[i]);
    words = (slong) top / 64 + 1;
    marks = flint_calloc(words, sizeof(uint64_t));
    for (i = 0; i < length; i++)
        if (roots[i] != CAUSTIC_NONE)
            marks[roots[i] / 64] |= UINT64_C(1) << (roots[i] % 64);

    for (word = words - 1; word >= 0; word--)
    {
        int bit;

        for (bit = 63; bit >= 0 && marks[word] != 0; bit--)
        {
            const caustic_expr * children;
            uint32_t k;

            if (!((marks[word] >> bit) & 1))
                continue;
            count++;
            e = (caustic_expr) (64 * word + bit);
            children = pool_children(pool, e);
            for (k = 0; k < pool->nodes[e].arity; k++)
                marks[children[k] / 64] |= UINT64_C(1) << (children[k] % 64);
        }
    }

    *nodes = flint_malloc(FLINT_MAX(count, 1) * sizeof(caustic_expr));
    count = 0;
    for (word = 0; word < words; word++)
    {
        int bit;

        for (bit = 0; bit < 64 && (marks[word] >> bit) != 0; bit++)
            if ((marks[word] >> bit) & 1)
                (*nodes)[count++] = (caustic_expr) (64 * word + bit);
    }
    flint_free(marks);
    return count;
}

slong caustic_expr_nodes(const caustic_pool * pool, caustic_expr e)
{
    caustic_expr * nodes;
    slong count = pool_reachable(&nodes, pool, &e, 1);

    flint_free(nodes);
    return count;
}

int caustic_expr_depends(const caustic_pool * pool, caustic_expr e, caustic_expr symbol)
{
    caustic_expr * nodes;
    slong i, count = pool_reachable(&nodes, pool, &e, 1);
    int found = 0;

    for (i = 0; i < count && !found; i++)
        found = nodes[i] == symbol;
    flint_free(nodes);
    return found;
}

slong caustic_expr_symbols(caustic_expr ** symbols, const caustic_pool * pool, caustic_expr e)
{
    slong i, found = 0, count = pool_reachable(symbols, pool, &e, 1);

    for (i = 0; i < count; i++)
        if (pool_op(pool, (*symbols)[i]) == CAUSTIC_OP_SYMBOL)
            (*symbols)[found++] = (*symbols)[i];
    return found;
}

const char * pool_function_name(caustic_op op)
{
    switch (op)
    {
        case CAUSTIC_OP_EXP: return "exp";
        case CAUSTIC_OP_LOG: return "log";
        case CAUSTIC_OP_SIN: return "sin";
        case CAUSTIC_OP_COS: return "cos";
        case CAUSTIC_OP_TAN: return "tan";
        case CAUSTIC_OP_ATAN: return "atan";
        case CAUSTIC_OP_SINH: return "sinh";
        case CAUSTIC_OP_COSH: return "cosh";
        case CAUSTIC_OP_TANH: return "tanh";
        case CAUSTIC_OP_SIGMOID: return "sigmoid";
        case CAUSTIC_OP_SOFTPLUS: return "softplus";
        case CAUSTIC_OP_ERF: return "erf";
        case CAUSTIC_OP_ABS: return "abs";
        case CAUSTIC_OP_RELU: return "relu";
        default: return NULL;
    }
}
