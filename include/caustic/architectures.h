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

/* A key of a preset's block with its value. */
typedef struct
{
    const char * key;
    slong integer;     /* for integers */
    const char * word; /* for words ("stereographic"); NULL for integers */
    slong line;
    slong column;
}
caustic_preset_option;

/* Fills the setting of the preset `kind` (all but the loss): symbols, metric, action, invariants,
   section. Returns CAUSTIC_OK, or CAUSTIC_BAD_INPUT with error set (unknown kind, unknown,
   missing or bad key; position of the key, or line and column given here for the kind). */
caustic_result caustic_preset_expand(caustic_setting_t setting, caustic_pool * pool, const char * kind,
    const caustic_preset_option * options, slong length, const caustic_origin * origin,
    caustic_error_t error) CAUSTIC_MUST_USE;

/* Whether a kind is known and can be expanded today, before its options are looked at. Returns
   CAUSTIC_OK or CAUSTIC_BAD_INPUT with error set: the closest known kind, or which are available. */
caustic_result caustic_preset_check(const char * kind, const caustic_origin * origin,
    caustic_error_t error) CAUSTIC_MUST_USE;

/* The known kinds, terminated by NULL; also those that are not available yet. */
const char * const * caustic_preset_kinds(void);

/* The architecture that a known kind belongs to ("mlp", ...); NULL for an unknown kind. */
const char * caustic_preset_architecture(const char * kind);

#ifdef __cplusplus
}
#endif

#endif
