/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    words: the closest of several known words, for messages about a mistyped one.
*/

#ifndef CAUSTIC_WORDS_H
#define CAUSTIC_WORDS_H

#include <caustic/base.h>

/* The index of the known word that needs the fewest edits (insert, delete, replace, swap of
   neighbours, case not counted) to become `word`, where these are few enough to make a mistyping
   likely; -1 otherwise. The first of several equally close ones. */
slong caustic_word_closest(const char * word, const char * const * known, slong length);

#endif
