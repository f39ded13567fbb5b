/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    symmetry: groups that keep a loss, found and proved. A case without an action is asked which one it
    could have: rescalings, sign flips, permutations of units, and vector fields that are affine in the parameters,
    among them translations and the matrices between linear maps.
*/

#ifndef CAUSTIC_SYMMETRY_H
#define CAUSTIC_SYMMETRY_H

#include <caustic/network.h>
#include <caustic/reduction.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum
{
    CAUSTIC_SYMMETRY_RESCALING = 1, /* generators q_b w_b d_b, with integers q_b */
    CAUSTIC_SYMMETRY_TRANSLATION,   /* generators with constant components */
    CAUSTIC_SYMMETRY_LINEAR,        /* generators with components that are affine in the parameters */
    CAUSTIC_SYMMETRY_SIGN_FLIP,     /* elements that change the signs of parameters */
    CAUSTIC_SYMMETRY_PERMUTATION    /* elements that exchange two units */
}
caustic_symmetry_kind;

/* "rescaling", ... */
const char * caustic_symmetry_name(caustic_symmetry_kind kind);
/* Whether it is a finite element; otherwise a generator. */
int caustic_symmetry_is_finite(caustic_symmetry_kind kind);

typedef struct
{
    caustic_symmetry_kind kind;
    caustic_expr * image; /* for each parameter: the generator's component, or the image under the element */
}
caustic_symmetry_struct;

typedef struct
{
    slong parameters;
    slong length;
    caustic_symmetry_struct * entries;
}
caustic_symmetries_struct;

typedef caustic_symmetries_struct caustic_symmetries_t[1];

void caustic_symmetries_init(caustic_symmetries_t symmetries, slong parameters);
void caustic_symmetries_clear(caustic_symmetries_t symmetries);

/* Symmetries of the setting's loss, as a function of the parameters. Each entry is proved to keep the loss wherever
   it is defined, and the parameters' domain: rescalings by degrees, sign flips by parities, permutations by substitution, the
   other vector fields by their derivative of the loss in the exact field [SYMMETRY-1] to [SYMMETRY-3]. The
   generators are linearly independent. What is not listed may still be a symmetry. `arrays` are the network's arrays of
   parameters, whose equal axes may be permuted together; without any, pairs of parameters are tried. */
void caustic_symmetries_find(caustic_symmetries_t symmetries, const caustic_setting_t setting,
    const caustic_network_name * arrays, slong length);

#ifdef __cplusplus
}
#endif

#endif
