/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

/* What a sweep has computed, in a SQLite file: rows by their values, apart for every content of a case. */

#ifndef CAUSTIC_STORE_H
#define CAUSTIC_STORE_H

#include <caustic/base.h>

typedef struct store_struct store_struct;

/* Opens the file, or makes one. Everything that the rows depend on stands in the identity: rows of another one stay
   where they are and are not seen. NULL after a message, with the exit status set. */
store_struct * store_open(const char * file, const caustic_text_t identity, int * status);
void store_close(store_struct * store);

/* The row of a point as it was put, for the caller to free with flint_free; NULL where there is none. An error of the file
   counts as none: the row is computed again, and putting it will tell. */
char * store_get(store_struct * store, const char * point);

/* Rows are put between begin and commit, and are safe from any end of the process after the commit. 0, or the exit status
   after a message. */
int store_begin(store_struct * store);
int store_put(store_struct * store, const char * point, const char * row);
int store_commit(store_struct * store);

#endif
