/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    case_internal: what the files of the case loader share. Bytes become a tree (source, tree),
    the tree is held against the schema (schema), and its blocks fill the case (reduction_block,
    data_block, other_blocks).
*/

#ifndef CAUSTIC_CASE_INTERNAL_H
#define CAUSTIC_CASE_INTERNAL_H

#include <caustic/case.h>
#include <caustic/network.h>

/* Every helper of the loader hands a failure up at once; what it has allocated belongs to the
   loader, which is cleared in one place. */
#define TRY(call) \
    do \
    { \
        caustic_result try_result = (call); \
        if (try_result != CAUSTIC_OK) \
        { \
            return try_result; \
        } \
    } \
    while (0)

/* Matrices are stored densely: a metric of 2000 parameters takes 16 MB. */
#define CAUSTIC_MATRIX_LIMIT 4000000
#define CAUSTIC_NAME_LENGTH 100
/* All numbers of a case together: a megabyte of text can write 100,000 numbers of 10,000 digits. */
#define CAUSTIC_BITS_LIMIT 100000000
/* Rows times characters of an expression over them: what expanding mean(...) may cost. */
#define CAUSTIC_EXPANSION_LIMIT 10000000

/* Bytes **************************************************************************************/

/* Appends a regular file of at most CAUSTIC_CASE_BYTES bytes. CAUSTIC_OK, CAUSTIC_IO_ERROR
   (missing, unreadable, not a regular file) or CAUSTIC_BAD_INPUT (too large). `what` names the
   kind of file in messages ("case file"). */
caustic_result caustic_source_read(caustic_text_t out, const char * path, const char * what,
    caustic_error_t error) CAUSTIC_MUST_USE;

/* Whether the bytes are text: UTF-8 without control characters other than tab and line breaks.
   CAUSTIC_OK or CAUSTIC_BAD_INPUT with the position of the first offending byte. */
caustic_result caustic_source_check(const char * text, size_t length, const char * file,
    caustic_error_t error) CAUSTIC_MUST_USE;

/* The tree ***********************************************************************************/

typedef enum
{
    TREE_SCALAR = 1,
    TREE_SEQUENCE,
    TREE_MAPPING /* children alternate between key and value */
}
tree_kind;

typedef enum
{
    TREE_PLAIN = 0,
    TREE_SINGLE_QUOTED,
    TREE_DOUBLE_QUOTED,
    TREE_LITERAL,
    TREE_FOLDED
}
tree_style;

typedef struct
{
    tree_kind kind;
    tree_style style; /* of a scalar */
    int verbatim;     /* the scalar's bytes stand in the source one after the other on one line */
    slong line;
    slong column;
    size_t text;      /* offset of a scalar's terminated text in the tree's bytes */
    size_t length;
    slong first;      /* first child, -1 for none */
    slong last;
    slong next;       /* next sibling, -1 for none */
    slong children;
}
tree_node;

typedef struct
{
    tree_node * nodes; /* nodes[0] is the root */
    slong length;
    slong capacity;
    caustic_text_t bytes;
    const char * source; /* borrowed */
    size_t source_length;
}
tree_struct;

typedef tree_struct tree_t[1];

void caustic_tree_init(tree_t tree);
void caustic_tree_clear(tree_t tree);
/* Reads one YAML document. The source must have passed caustic_source_check and outlive the tree.
   CAUSTIC_OK or CAUSTIC_BAD_INPUT. */
caustic_result caustic_tree_read(tree_t tree, const char * source, size_t length,
    const char * file, caustic_error_t error) CAUSTIC_MUST_USE;
/* The position in the file of the byte at `offset` of a scalar's text. */
void caustic_tree_locate(slong * line, slong * column, const tree_struct * tree, slong node, size_t offset);

/* The schema *********************************************************************************/

typedef enum
{
    BLOCK_CASE = 0, BLOCK_PARAMETER, BLOCK_ACTION, BLOCK_COORDINATE, BLOCK_NORMAL_FORM,
    BLOCK_CONSTANT, BLOCK_DATA, BLOCK_OPTIMISER, BLOCK_VERIFY, BLOCK_SHOCK, BLOCK_CLAIMS,
    BLOCK_EXPECT, BLOCK_AUDIT, BLOCK_NETWORK, BLOCK_ARRAY, BLOCK_STEP, BLOCK_PARAMETER_ON, BLOCKS
}
schema_block;

#define SCHEMA_KEYS 24

/* The keys of each block in the order of the enums below. */
typedef struct
{
    const char * what; /* "a case", "a parameter", ... */
    slong length;
    const char * key[SCHEMA_KEYS];
}
schema_entry;

extern const schema_entry caustic_schema[BLOCKS];

enum
{
    CASE_NAME = 0, CASE_TITLE, CASE_ARCHITECTURE, CASE_PRESET, CASE_PARAMETERS, CASE_METRIC,
    CASE_ACTION, CASE_STRATUM, CASE_QUOTIENT, CASE_SECTION, CASE_NORMAL_FORM, CASE_CONSTANTS,
    CASE_DATA, CASE_LOSS, CASE_OPTIMISER, CASE_VERIFY, CASE_SHOCK, CASE_CLAIMS, CASE_EXPECT, CASE_AUDIT,
    CASE_NETWORK, CASE_PARAMETERS_ON
};
enum { PARAMETER_NAME = 0, PARAMETER_DOMAIN };
enum { ACTION_GENERATORS = 0, ACTION_ELEMENTS };
enum { COORDINATE_NAME = 0, COORDINATE_IS, COORDINATE_DOMAIN };
enum { NORMAL_FORM_KIND = 0, NORMAL_FORM_MAP };
enum { CONSTANT_NAME = 0, CONSTANT_VALUE };
enum { DATA_COLUMNS = 0, DATA_ROWS, DATA_FILE };
enum { OPTIMISER_METRIC = 0 };
enum { AUDIT_CHARGES = 0 };
enum { VERIFY_VISCOSITY = 0, VERIFY_BOX, VERIFY_TIME, VERIFY_TOLERANCE };
enum { SHOCK_BOX = 0, SHOCK_DIGITS, SHOCK_SCOPE, SHOCK_FROM, SHOCK_VISCOUS, SHOCK_AFTER, SHOCK_PEAK, SHOCK_POINTS, SHOCK_PROFILE };
enum
{
    CLAIMS_COMETRIC = 0, CLAIMS_DRIFT, CLAIMS_HAMILTON_JACOBI, CLAIMS_BURGERS, CLAIMS_SHOCK_TIME,
    CLAIMS_SHOCK_AT, CLAIMS_NO_SHOCK_IFF, CLAIMS_MONOTONE
};
enum { NETWORK_PARAMETERS = 0, NETWORK_FORWARD, NETWORK_OBJECTIVE };
enum { ARRAY_NAME = 0, ARRAY_SHAPE, ARRAY_DOMAIN };
enum { STEP_NAME = 0, STEP_IS };
enum { PARAMETER_ON_NAME = 0, PARAMETER_ON_INTERVAL };
/* BLOCK_EXPECT follows caustic_command. */

/* The loader *********************************************************************************/

/* A name that the case declares, for the check that each has one meaning. */
typedef struct
{
    const char * name;
    const char * role; /* "a parameter", ... */
    const char * file; /* NULL: the case file; otherwise the data file */
    slong line;
    slong column;
    slong order;
}
declaration;

/* The names that some expressions may use, with an index of them: a file may declare thousands and
   hold a hundred thousand short expressions. */
typedef struct
{
    caustic_name * names;
    slong length;
    slong capacity;
    slong * slots;             /* a hash table of indices + 1, at most half full */
    slong slots_length;
    const caustic_data * data; /* NULL: no mean(...) and sum(...) */
    int derivatives;           /* u_z and the like may occur */
}
name_list;

typedef struct
{
    caustic_case_struct * result;
    caustic_error_struct * error;
    const char * file;
    tree_t tree;
    slong top[SCHEMA_KEYS];      /* node of each key's value in the case, -1 where absent */
    int torus;                   /* generators without a quotient: their invariants are to be found */
    int identity;                /* no action, quotient or section: the parameters are coordinates */
    int compare;                 /* a preset has filled the setting: what is written must agree */
    declaration * declared;
    slong declared_length;
    slong declared_capacity;
    name_list constants;
    name_list parameters;        /* with the constants, as the lists below */
    name_list coordinates;
    name_list everything;
    caustic_data data;
    int has_data;
    caustic_text_t data_source;
    char * data_path;
    slong network[SCHEMA_KEYS];  /* node of each key's value in network, -1 where absent */
    int shaped;                  /* the network declares the parameters: neither preset nor parameters does */
    slong shaped_parameters;     /* how many */
    caustic_network_name * names;  /* its arrays of parameters, then its steps */
    slong names_length;
    const caustic_constant_as * as; /* constants that get another value, or none */
    slong as_length;
    slong bits;                  /* of all numbers read so far */
    char quoted[4][96];          /* a message quotes up to four pieces of the file */
    int quoted_next;
}
loader_struct;

typedef loader_struct loader_t[1];

/* A piece of a file for a message: shortened to size - 1 bytes, control characters replaced. */
void caustic_quote(char * out, size_t size, const char * text);

/* A bad-input error at a node. */
#define FAIL(loader, node, ...) \
    caustic_error_set((loader)->error, CAUSTIC_BAD_INPUT, (loader)->file, \
        (loader)->tree->nodes[node].line, (loader)->tree->nodes[node].column, __VA_ARGS__)

const char * caustic_loader_text(const loader_t loader, slong node);
/* What stands there, for a message: "a list", "a mapping", "nothing" or 'text', shortened and
   without control characters. */
const char * caustic_loader_found(loader_t loader, slong node);
const char * caustic_loader_quote(loader_t loader, const char * text);

/* value[i] becomes the node of the block's i-th key, -1 where it is absent. */
caustic_result caustic_loader_block(slong * value, loader_t loader, slong node, schema_block block) CAUSTIC_MUST_USE;
/* A key that must be there. */
caustic_result caustic_loader_required(loader_t loader, slong node, schema_block block,
    const slong * value, slong key) CAUSTIC_MUST_USE;
caustic_result caustic_loader_scalar(loader_t loader, slong node, const char * expected) CAUSTIC_MUST_USE;
caustic_result caustic_loader_sequence(loader_t loader, slong node, const char * expected) CAUSTIC_MUST_USE;
/* A sequence with that many entries, each called `entry` in the message. */
caustic_result caustic_loader_sequence_of(loader_t loader, slong node, slong length, const char * entry,
    const char * because) CAUSTIC_MUST_USE;
/* The index of a scalar among words. */
caustic_result caustic_loader_word(slong * result, loader_t loader, slong node,
    const char * const * words, slong length) CAUSTIC_MUST_USE;
caustic_result caustic_loader_integer(slong * result, loader_t loader, slong node, slong least,
    slong most, const char * what) CAUSTIC_MUST_USE;
/* A scalar's expression in a scope. `what` names what is read ("the loss"). */
caustic_result caustic_loader_expression(caustic_expr * result, loader_t loader, slong node,
    const name_list * names, const char * what) CAUSTIC_MUST_USE;
/* A forward expression of a network. */
caustic_result caustic_loader_forward(caustic_tensor_struct * result, loader_t loader, slong node,
    caustic_network_scope * scope, const char * what) CAUSTIC_MUST_USE;
/* "left = right". */
caustic_result caustic_loader_equation(caustic_expr * left, caustic_expr * right, loader_t loader,
    slong node, const name_list * names, const char * what) CAUSTIC_MUST_USE;
/* "left >= right", or with >, <=, <: the difference that is then >= 0, or with *strict > 0. */
caustic_result caustic_loader_inequality(caustic_expr * difference, int * strict, loader_t loader, slong node,
    const name_list * names, const char * what) CAUSTIC_MUST_USE;
/* A constant expression with a rational value. */
caustic_result caustic_loader_rational(fmpq_t result, loader_t loader, slong node, const char * what) CAUSTIC_MUST_USE;
/* "(0, inf)", "[1/2, 3]". */
caustic_result caustic_loader_interval(caustic_interval_t result, loader_t loader, slong node) CAUSTIC_MUST_USE;
/* [lower, upper], lower < upper; `infinite` permits -inf and inf. */
caustic_result caustic_loader_pair(caustic_interval_t result, loader_t loader, slong node,
    int infinite, const char * what) CAUSTIC_MUST_USE;
/* A name that the case declares: its form, and that it is not reserved. A data column may be
   called t. */
caustic_result caustic_loader_name(loader_t loader, slong node, const char * role, int column) CAUSTIC_MUST_USE;
caustic_result caustic_name_check(const char * name, const char * role, int column,
    const char * file, slong line, slong at, caustic_error_t error) CAUSTIC_MUST_USE;
void caustic_loader_declare(loader_t loader, const char * name, const char * role,
    const char * file, slong line, slong column);
/* That no name was declared twice. */
caustic_result caustic_loader_distinct(loader_t loader) CAUSTIC_MUST_USE;
void caustic_names_add(name_list * list, const char * name, caustic_expr value);
/* The index of a name, which need not be terminated; -1 where it is not there. */
slong caustic_names_find(const name_list * list, const char * name, size_t length);
void caustic_names_clear(name_list * list);
/* Counts a number's size against CAUSTIC_BITS_LIMIT. */
caustic_result caustic_loader_count(loader_t loader, const fmpq_t x, slong line, slong column) CAUSTIC_MUST_USE;
/* Whether a name occurs in a scalar's text, and where; the scalar's own position where it does not. */
int caustic_loader_find_name(slong * line, slong * column, const loader_t loader, slong node, const char * name);

/* The blocks *********************************************************************************/

caustic_result caustic_loader_constants(loader_t loader) CAUSTIC_MUST_USE;
caustic_result caustic_loader_reduction(loader_t loader) CAUSTIC_MUST_USE;
/* parameters_on: constants and their intervals; one without a value gets the middle of its interval. */
caustic_result caustic_loader_parameters_on(loader_t loader) CAUSTIC_MUST_USE;
/* euclidean, or N x N expressions in the parameters. */
caustic_result caustic_loader_metric(caustic_expr * entries, loader_t loader, slong node) CAUSTIC_MUST_USE;
/* The keys of the network and the shapes of its arrays of parameters. Before the reduction, which
   needs to know how many parameters there are. */
caustic_result caustic_loader_network_shapes(loader_t loader) CAUSTIC_MUST_USE;
/* Declares the entries of the arrays as the case's parameters, where neither preset nor parameters does. */
caustic_result caustic_loader_network_parameters(loader_t loader) CAUSTIC_MUST_USE;
/* Finds the entries among the case's parameters, and declares the names of arrays and steps. */
caustic_result caustic_loader_network_names(loader_t loader) CAUSTIC_MUST_USE;
/* Forward steps and objective: the loss. */
caustic_result caustic_loader_network(loader_t loader) CAUSTIC_MUST_USE;
caustic_result caustic_loader_data(loader_t loader) CAUSTIC_MUST_USE;
caustic_result caustic_loader_loss(loader_t loader) CAUSTIC_MUST_USE;
caustic_result caustic_loader_normal_form(loader_t loader) CAUSTIC_MUST_USE;
caustic_result caustic_loader_optimiser(loader_t loader) CAUSTIC_MUST_USE;
caustic_result caustic_loader_audit(loader_t loader) CAUSTIC_MUST_USE;
caustic_result caustic_loader_verify(loader_t loader) CAUSTIC_MUST_USE;
caustic_result caustic_loader_shock(loader_t loader) CAUSTIC_MUST_USE;
caustic_result caustic_loader_claims(loader_t loader) CAUSTIC_MUST_USE;
caustic_result caustic_loader_expect(loader_t loader) CAUSTIC_MUST_USE;

#endif
