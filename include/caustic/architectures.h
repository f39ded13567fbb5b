/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    architectures: presets. A preset is data: it writes the setting that a user could have written
    out, in the language of case files, and nothing later knows that a preset was used.
*/

#ifndef CAUSTIC_ARCHITECTURES_H
#define CAUSTIC_ARCHITECTURES_H

#include <caustic/reduction.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A key of a preset's block with its value: a list, a word, or an integer. */
typedef struct
{
    const char * key;
    slong integer;
    const char * word;  /* "stereographic", "true"; NULL for integers and lists */
    slong line;
    slong column;
    const slong * list; /* of integers; NULL for integers and words */
    slong length;
}
caustic_preset_option;

/* Fills the setting of the preset `kind` (all but the loss): symbols, metric, action, invariants,
   section. Where the whole is a product of identical units the setting is that of one, and `copies` and
   `spheres` say how the whole is made of it. If `words` is not NULL, what the parameters, the group and the
   inverse metric are, and what the regular stratum leaves out, is appended to it in words.
   Returns CAUSTIC_OK, CAUSTIC_BAD_INPUT with error set (unknown kind, unknown, missing or bad key, a size
   beyond a limit; position of the key, or line and column given here for the kind), or CAUSTIC_INTERNAL. */
caustic_result caustic_preset_expand(caustic_setting_t setting, caustic_text_t words, caustic_pool * pool,
    const char * kind, const caustic_preset_option * options, slong length, const caustic_origin * origin,
    caustic_error_t error) CAUSTIC_MUST_USE;

/* Whether a kind is known, before its options are looked at. Returns CAUSTIC_OK or CAUSTIC_BAD_INPUT with
   error set: the closest known kind, and which there are. */
caustic_result caustic_preset_check(const char * kind, const caustic_origin * origin,
    caustic_error_t error) CAUSTIC_MUST_USE;

/* The known kinds, terminated by NULL. */
const char * const * caustic_preset_kinds(void);

/* The architecture that a known kind belongs to ("mlp", ...); NULL for an unknown kind. */
const char * caustic_preset_architecture(const char * kind);

#ifdef __cplusplus
}
#endif

#endif
