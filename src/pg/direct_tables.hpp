// The tables of the direct way, opened: a model's leads and its state, each with the index that finds a row
// by its key. Shared by direct_tables.cpp, which opens them, and direct_apply.cpp, which reads and writes
// them.
#pragma once

#include "pg/direct.hpp"
#include "pg/state_columns.hpp"

namespace leadscore {

/// A table that is searched by key. Index and scan are opened at the first search.
struct Keyed {
  Relation table, index;
  Oid index_id;
  LOCKMODE lock;  ///< of the table, and so of the index
  IndexScanDesc scan;
  TupleTableSlot* slot;
  bool in_order;    ///< keys come in ascending order, and many: the scan goes on from where it is
  bool positioned;  ///< the scan stands at an entry, of which this is the key
  bool exhausted;
  Datum at;
};

/// Moves of leads from tier to tier, until they are written.
struct Moves;

struct DirectLeads {
  const Model* model;
  Keyed state, leads;
  Snapshot snapshot;
  DirectCache* cache;
  RowType lead_type;
  bool many;           ///< keys of this batch
  MemoryContext each;  ///< of one lead
  TupleTableSlot* written;
  ResultRelInfo* indexes;  ///< of the state table, opened at the first row that they must know of
  EState* estate;
  Moves* moves;  ///< made at the first
};

}  // namespace leadscore
