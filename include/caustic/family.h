/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    family: a setting with parameters left as symbols, reduced once for all their values, and theorems
    about its shock time on a whole box of parameters.
*/

#ifndef CAUSTIC_FAMILY_H
#define CAUSTIC_FAMILY_H

#include <caustic/reduction.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CAUSTIC_FAMILY_PARAMETERS 4

/* The quotient is one-dimensional. */
typedef struct
{
    caustic_pool * pool;
    slong parameters;                   /* up to CAUSTIC_FAMILY_PARAMETERS */
    caustic_expr symbol[1 + CAUSTIC_FAMILY_PARAMETERS];          /* the coordinate, then the parameters */
    caustic_interval_struct range[1 + CAUSTIC_FAMILY_PARAMETERS];  /* the domain, then the parameters' intervals */
    caustic_setting_t setting;          /* with the parameters as coordinates of their own */
    caustic_reduction_t reduction;      /* of it */
    int reduced;                        /* 1: proved for every value of the parameters [FAMILY-1] */
    int complete;                       /* 1: each quotient is proved complete and without holes [FAMILY-2] */
    caustic_expr cometric;              /* g(z, parameters) */
    caustic_expr loss;                  /* l(z, parameters) */
    char * why;                         /* what was lacking where reduced is 0 */
}
caustic_family_struct;

typedef caustic_family_struct caustic_family_t[1];

/* `setting` has the symbols in its expressions; the ranges are finite. */
void caustic_family_init(caustic_family_t family, const caustic_setting_t setting, const caustic_expr * symbol,
    const caustic_interval_struct * range, slong parameters);
void caustic_family_clear(caustic_family_t family);

/* The one parameter's interval less finitely many values at which the setting is none, because its metric degenerates, say. */
typedef struct
{
    caustic_family_struct * family; /* ascending, all of them reduced */
    slong length;                   /* 0: there is no such thing */
    fmpq * gap;                     /* what is left out, ascending */
    slong gaps;
#define CAUSTIC_FAMILIES_GAPS 8
    caustic_expr gap_cometric[CAUSTIC_FAMILIES_GAPS]; /* of the case at that value, where it makes sense by itself; else CAUSTIC_NONE */
    caustic_expr gap_loss[CAUSTIC_FAMILIES_GAPS];
    char * why;                     /* why the family of the whole interval is not reduced */
}
caustic_families_struct;

typedef caustic_families_struct caustic_families_t[1];

/* With several parameters, the one family or none. */
void caustic_families_init(caustic_families_t families, const caustic_setting_t setting, const caustic_expr * symbol,
    const caustic_interval_struct * range, slong parameters);
void caustic_families_clear(caustic_families_t families);

/* Whether the line with the cometric g(z, ...), an element of the field whose first symbol is z, is proved complete
   for all values of the other symbols: g <= C w^2 with a w whose reciprocal has no finite integral to
   either end. [FAMILY-2] */
int caustic_line_is_complete(gr_srcptr cometric, const caustic_interval_t domain, gr_ctx_t field) CAUSTIC_MUST_USE;

/* What is claimed about the shock time for all values of the parameters. */
typedef struct
{
    const caustic_family_struct * family; /* reduced */
    caustic_interval_t box;            /* of the coordinate; closed at finite ends */
    caustic_expr time;                 /* T* = time; CAUSTIC_NONE: not claimed */
    caustic_expr at;                   /* the infimum is attained there; CAUSTIC_NONE: not claimed */
    int none;                          /* no shock for any value */
    caustic_expr no_shock_iff;         /* no shock where and only where this is >= 0; CAUSTIC_NONE: not claimed */
    int strict;                        /* > 0 */
    int monotone[CAUSTIC_FAMILY_PARAMETERS]; /* +1: T* increases with the parameter (strictly where it is finite), -1, 0: not claimed, or: */
#define CAUSTIC_THEOREM_CONSTANT 2           /* T* does not change with it */
    slong pieces;                      /* of each parameter's interval, for enclosures; 0: none wanted */
    slong box_limit;                   /* cells of branch and bound for one statement */
}
caustic_theorem_problem;

/* T* for the parameters of one piece of their box. */
typedef struct
{
    caustic_interval_struct range[CAUSTIC_FAMILY_PARAMETERS];
    arb_t lower;  /* T* >= lower for all of them; infinite: no shock for any */
    arb_t upper;  /* T* <= upper for all of them; not finite where no bound is known */
}
caustic_theorem_piece;

typedef struct
{
    caustic_checks_t checks;           /* shock_time, shock_at, no_shock, no_shock_iff, monotone, as far as claimed */
    caustic_theorem_piece * piece;
    slong pieces;
}
caustic_theorem_struct;

typedef caustic_theorem_struct caustic_theorem_t[1];

/* Proves or refutes each claim on the whole box of parameters. */
void caustic_theorem_init(caustic_theorem_t theorem, const caustic_theorem_problem * problem);
void caustic_theorem_clear(caustic_theorem_t theorem);

/* What T* tends to at an open end of the interval of the one parameter. [FAMILY-8] */
typedef struct
{
    int known;                  /* 0: not decided */
    int shock;                  /* 0: no shock forms for any value near the end */
    int exact;                  /* the limit is the number lower = upper */
    fmpq_t lower;               /* else it lies between these */
    fmpq_t upper;
    caustic_verdict threshold;  /* what no_shock_iff says of the end holds of the limit */
    caustic_verdict formula;    /* the claimed time has a value at the end and is continuous there */
}
caustic_theorem_limit_struct;

typedef caustic_theorem_limit_struct caustic_theorem_limit_t[1];

/* The problem is that of a family with one parameter, `upper` the end. */
void caustic_theorem_limit_init(caustic_theorem_limit_t limit, const caustic_theorem_problem * problem, int upper);
/* Whether that is the T* of a cometric and a loss without the parameter, on the box of the problem: proved, or 0. */
int caustic_theorem_limit_is_value(const caustic_theorem_limit_t limit, const caustic_theorem_problem * problem, caustic_expr cometric, caustic_expr loss);
void caustic_theorem_limit_clear(caustic_theorem_limit_t limit);

#ifdef __cplusplus
}
#endif

#endif
