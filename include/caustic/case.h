/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    case: case files. YAML read through libyaml's events into a strict tree of our own, checked
    against the schema, with presets expanded into the same structure that a user writes out.
*/

#ifndef CAUSTIC_CASE_H
#define CAUSTIC_CASE_H

#include <caustic/network.h>
#include <caustic/reduction.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CAUSTIC_CASE_BYTES (1024 * 1024)
#define CAUSTIC_YAML_DEPTH 64
#define CAUSTIC_PARAMETER_LIMIT 10000

typedef enum { CAUSTIC_SCOPE_GLOBAL = 1, CAUSTIC_SCOPE_LOCAL, CAUSTIC_SCOPE_RAY } caustic_shock_scope;

typedef enum
{
    CAUSTIC_COMMAND_DERIVE = 0, CAUSTIC_COMMAND_AUDIT, CAUSTIC_COMMAND_VERIFY, CAUSTIC_COMMAND_SHOCK,
    CAUSTIC_COMMAND_TABLE, CAUSTIC_COMMAND_SWEEP, CAUSTIC_COMMANDS
}
caustic_command;

/* "derive", ...; the other way round -1 for an unknown name. */
const char * caustic_command_name(caustic_command command);

/* The block `audit`: leaves of conserved charges on which training's own equation and shock time are asked for. */
typedef struct
{
    slong leaves;
    slong * length;                    /* of each leaf: 0 where one number stands for every charge */
    caustic_expr * value;              /* constants, leaf after leaf: FLINT_MAX(length, 1) of each */
}
caustic_audit_block;

/* The block `verify`. */
typedef struct
{
    int present;
    slong viscosities;
    fmpq * viscosity;                  /* each > 0 */
    caustic_interval_struct * box;     /* d closed intervals in the quotient's coordinates */
    caustic_interval_t time;           /* closed, lower > 0 */
    fmpq_t tolerance;                  /* > 0; default 1e-30 */
}
caustic_verify_block;

/* The block `shock`. */
typedef struct
{
    int present;
    caustic_interval_struct * box;     /* d closed intervals; an end may be infinite; NULL: a ray may go without */
    slong digits;                      /* default 30 */
    caustic_shock_scope scope;         /* default global */
    fmpq * from;                       /* for a ray: d coordinates; NULL otherwise */
    fmpq * viscosity;                  /* for the signature, each > 0; NULL: the usual ones */
    slong viscosities;
    fmpq * profile;                    /* viscosities at which the solution around each shock is compared with its limit */
    slong profiles;
    fmpq * peak;                       /* the viscosity, > 0, for the peak slope; NULL: not asked for */
    slong points;                      /* places where the focal time is looked at first: in high dimension */
    fmpq * point;                      /* points x d, in the box */
    fmpq * time;                       /* after the shock, each > 0, increasing; NULL: about 1.25, 2 and 4 times T* */
    slong times;
}
caustic_shock_block;

/* An entry of `parameters_on`: a constant of the case and the interval on which theorems about it are asked for. */
typedef struct
{
    char * name;
    caustic_interval_t interval;       /* finite; an open end is left out */
    caustic_expr symbol;               /* where the case was read with the constant as a symbol, else CAUSTIC_NONE */
}
caustic_parameter_on;

typedef enum { CAUSTIC_MONOTONE_NONE = 0, CAUSTIC_INCREASING, CAUSTIC_DECREASING, CAUSTIC_CONSTANT } caustic_monotone;

/* The block `claims`. Text is kept beside each expression for messages. */
typedef struct
{
    int present;
    caustic_expr * cometric;           /* d x d, or NULL */
    caustic_expr * drift;              /* d, or NULL */
    int hamilton_jacobi;               /* 1: claimed */
    caustic_expr hamilton_jacobi_left; /* in u_t, u_z, u_z_z, ..., nu and the coordinates */
    caustic_expr hamilton_jacobi_right;
    slong burgers;                     /* 0 or d */
    caustic_expr * burgers_left;
    caustic_expr * burgers_right;
    caustic_expr shock_time;           /* a constant expression; CAUSTIC_NONE: not claimed */
    char * shock_time_text;            /* as written */
    caustic_expr * shock_at;           /* d constant expressions, or NULL */
    int no_shock;                      /* shock_time: "none" or "inf" */
    /* about every value of the parameters_on at once */
    caustic_expr no_shock_iff;         /* e: no shock where and only where e >= 0 (> 0); CAUSTIC_NONE: not claimed */
    int no_shock_iff_strict;           /* e > 0 */
    char * no_shock_iff_text;
    caustic_monotone * monotone;       /* one a parameter, or NULL */
}
caustic_claims_block;

typedef struct caustic_case_struct
{
    caustic_pool * pool;               /* owned */
    char * file;
    char * name;
    char * title;                      /* NULL where not given */
    char * architecture;               /* "mlp", "cnn", "transformer", "meanfield", "custom" */
    char * preset;                     /* preset kind, NULL for a written-out case */
    char * data_text;                  /* of a data file; NULL where there is none */
    char * words;                      /* of a preset: parameters, group, metric and stratum in words; else NULL */
    caustic_setting_t setting;
    int network;                       /* the loss is that of a network */
    slong arrays;                      /* of the network's parameters: name (owned) and entries, parameters each */
    caustic_network_name * array;
    char * normal_form_kind;           /* NULL where not given */
    slong normal_form_maps;
    caustic_expr * normal_form_map;    /* in the quotient's coordinates */
    caustic_expr * optimiser_metric;   /* N x N, NULL for Euclidean */
    caustic_audit_block audit;
    caustic_verify_block verify;
    caustic_shock_block shock;
    slong parameters_on;
    caustic_parameter_on * parameter_on;
    struct caustic_case_struct * family; /* the case with its parameters_on as symbols; NULL without, and where */
    char * no_family;                    /* they cannot be symbols, for this reason; else NULL */
    caustic_claims_block claims;
    caustic_verdict expect[CAUSTIC_COMMAND_SWEEP]; /* 0: nothing expected, so PROVED is */
    int audit_expect;                  /* 0: nothing expected; 1 HOLDS, 2 HOLDS_ON_LEAVES, 3 FAILS, 4 UNDECIDED */
}
caustic_case_struct;

typedef caustic_case_struct caustic_case_t[1];

/* Reads and checks a whole case file. Returns CAUSTIC_OK, CAUSTIC_BAD_INPUT or CAUSTIC_IO_ERROR
   (error set: file, line, column, what was found, what was expected). The case is valid and must
   be cleared in every outcome. */
caustic_result caustic_case_read(caustic_case_t result, const char * file, caustic_error_t error) CAUSTIC_MUST_USE;
/* The same from memory; `file` is used in messages and to find data files beside it. */
caustic_result caustic_case_read_text(caustic_case_t result, const char * text, size_t length,
    const char * file, caustic_error_t error) CAUSTIC_MUST_USE;
void caustic_case_clear(caustic_case_t result);

/* The file's bytes, to be read several times: CAUSTIC_OK, or CAUSTIC_IO_ERROR or CAUSTIC_BAD_INPUT with the error set. */
caustic_result caustic_case_source(caustic_text_t out, const char * file, caustic_error_t error) CAUSTIC_MUST_USE;

/* Another value for a constant, or none: it then stays a symbol. */
typedef struct
{
    const char * name;
    const fmpq * value;                      /* NULL: a symbol */
    const caustic_interval_struct * range;   /* of a symbol */
}
caustic_constant_as;

/* As caustic_case_read_text, with some constants as given. CAUSTIC_BAD_INPUT also where the case has no
   constant of that name, or where a symbol cannot stand (a box, a power). */
caustic_result caustic_case_read_text_as(caustic_case_t result, const char * text, size_t length, const char * file,
    const caustic_constant_as * constants, slong constants_length, caustic_error_t error) CAUSTIC_MUST_USE;

/* The case files that a path stands for: a directory for the *.yaml and *.yml files in it and below
   it, in the order of their names; anything else for itself. Hidden entries and symbolic links to
   directories are passed over. Returns CAUSTIC_OK, CAUSTIC_IO_ERROR or, for a directory without
   cases, CAUSTIC_BAD_USAGE. */
caustic_result caustic_case_list(char *** files, slong * length, const char * path, caustic_error_t error) CAUSTIC_MUST_USE;
void caustic_case_list_clear(char ** files, slong length);

#ifdef __cplusplus
}
#endif

#endif
