// Taking a row apart. C style throughout: anything here may longjmp.
#include "pg/encoding.hpp"
#include "pg/guard.hpp"
#include "pg/row_plain.hpp"

namespace leadscore {
namespace {

/// A node of the row at hand, opened when the first of its fields is wanted.
struct OpenNode {
  bool opened;
  bool present;  ///< not NULL
  Datum* values;
  bool* nulls;
  JsonbContainer* container;  ///< nullptr where the JSON is no object
};

bool open_node(const RowReader& reader, OpenNode* nodes, int index, NullableDatum root);

/// The value of a nested node in its parent.
NullableDatum node_datum(const RowReader& reader, OpenNode* nodes, int index, NullableDatum root) {
  const RowNode& node = reader.nodes[index];
  if (node.parent < 0) return root;
  if (!open_node(reader, nodes, node.parent, root)) return {0, true};
  const OpenNode& parent = nodes[node.parent];
  return {parent.values[node.attribute - 1], parent.nulls[node.attribute - 1]};
}

/// The first attributes of a tuple that has them all. heap_deform_tuple() would take apart the rest of the
/// row as well.
void deform_front(HeapTupleHeader header, const RowNode& node, Datum* values, bool* nulls) {
  const bool may_be_null = (header->t_infomask & HEAP_HASNULL) != 0;
  const char* const data = reinterpret_cast<const char*>(header) + header->t_hoff;
  std::size_t offset = 0;
  for (int i = 0; i < node.last; ++i) {
    nulls[i] = may_be_null && att_isnull(i, header->t_bits);
    values[i] = 0;
    if (nulls[i]) continue;
    const AttributeLayout& its = node.layout[i];
    offset = att_align_pointer(offset, its.align, its.length, data + offset);
    values[i] = fetch_att(data + offset, its.by_value, its.length);
    offset = att_addlength_pointer(offset, its.length, data + offset);
  }
}

void open_row(const RowNode& node, Datum datum, OpenNode& open) {
  const HeapTupleHeader header = DatumGetHeapTupleHeader(datum);
  // A tuple from before ALTER TABLE ... ADD COLUMN ... DEFAULT is short; the descriptor knows its missing
  // values.
  const bool is_short = static_cast<int>(HeapTupleHeaderGetNatts(header)) < node.last;
  const auto count = static_cast<std::size_t>(is_short ? node.whole->natts : node.last);
  open.values = static_cast<Datum*>(palloc((sizeof(Datum) + sizeof(bool)) * (count + 1)));
  open.nulls = reinterpret_cast<bool*>(open.values + count + 1);
  if (!is_short) {
    deform_front(header, node, open.values, open.nulls);
    return;
  }
  HeapTupleData tuple;
  tuple.t_len = HeapTupleHeaderGetDatumLength(header);
  ItemPointerSetInvalid(&tuple.t_self);
  tuple.t_tableOid = InvalidOid;
  tuple.t_data = header;
  heap_deform_tuple(&tuple, node.whole, open.values, open.nulls);
}

void open_json(Jsonb* json, bool is_lead, OpenNode& open) {
  open.container = nullptr;
  if (JB_ROOT_IS_OBJECT(json)) {
    open.container = &json->root;
  } else if (is_lead) {
    JsonbValue scalar;
    if (JB_ROOT_IS_SCALAR(json) && JsonbExtractScalar(&json->root, &scalar) && scalar.type == jbvNull) return;
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a row given as JSON must be an object")));
  }
}

bool open_node(const RowReader& reader, OpenNode* nodes, int index, NullableDatum root) {
  OpenNode& open = nodes[index];
  if (open.opened) return open.present;
  const RowNode& node = reader.nodes[index];
  const NullableDatum datum = node_datum(reader, nodes, index, root);
  open.opened = true;
  open.present = !datum.isnull;
  if (datum.isnull) return false;
  switch (node.form) {
    case RowNode::Form::row:
      open_row(node, datum.value, open);
      break;
    case RowNode::Form::jsonb:
      open_json(DatumGetJsonbP(datum.value), node.parent < 0, open);
      break;
    case RowNode::Form::json: {
      const char* const written = text_to_cstring(DatumGetTextPP(datum.value));
      open_json(DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(written))), node.parent < 0,
                open);
      break;
    }
  }
  return true;
}

Value read_leaf(const RowReader& reader, OpenNode* nodes, const FieldLeaf& leaf, NullableDatum root) {
  if (leaf.node < 0 || !open_node(reader, nodes, leaf.node, root)) return {};
  const OpenNode& open = nodes[leaf.node];
  if (reader.nodes[leaf.node].form != RowNode::Form::row) {
    if (open.container == nullptr) return {};
    return read_json(open.container, leaf.path, leaf.path_size, leaf.as_text);
  }
  const int at = leaf.attribute - 1;
  if (open.nulls[at]) return {};
  return leaf.as_text ? read_datum_text(leaf.type, open.values[at]) : read_datum(leaf.type, open.values[at]);
}

OpenNode* new_nodes(const RowReader& reader) {
  return static_cast<OpenNode*>(palloc0(sizeof(OpenNode) * static_cast<std::size_t>(reader.node_count + 1)));
}

void open_root(OpenNode* nodes, Datum* values, bool* nulls) noexcept {
  nodes[0].opened = nodes[0].present = true;
  nodes[0].values = values;
  nodes[0].nulls = nulls;
}

}  // namespace

void fetch_row(const RowReader& reader, NullableDatum row, const std::vector<std::uint32_t>* wanted,
               Value* values) {
  const int count = wanted == nullptr ? reader.leaf_count : static_cast<int>(wanted->size());
  if (count == 0) return;
  OpenNode* const nodes = new_nodes(reader);
  for (int i = 0; i < count; ++i) {
    const std::uint32_t at =
        wanted == nullptr ? static_cast<std::uint32_t>(i) : (*wanted)[static_cast<std::size_t>(i)];
    values[at] = read_leaf(reader, nodes, reader.leaves[at], row);
  }
}

bool always_readable(const RowReader& reader) noexcept {
  const auto fails = [](Reading reading) { return reading == Reading::json || reading == Reading::output; };
  if (GetDatabaseEncoding() != PG_UTF8 && GetDatabaseEncoding() != PG_SQL_ASCII) return false;
  for (int i = 0; i < reader.node_count; ++i) {
    if (reader.nodes[i].form == RowNode::Form::json) return false;
  }
  for (int i = 0; i < reader.leaf_count; ++i) {
    const TypeReading& type = reader.leaves[i].type;
    if (fails(type.reading) || (type.reading == Reading::array && fails(type.element))) return false;
  }
  return true;
}

void fetch_slot(const RowReader& reader, TupleTableSlot* slot, const std::vector<std::uint32_t>* wanted,
                Value* values) {
  const int count = wanted == nullptr ? reader.leaf_count : static_cast<int>(wanted->size());
  if (count == 0) return;
  slot_getsomeattrs(slot, reader.nodes[0].last);
  OpenNode* nodes = nullptr;
  for (int i = 0; i < count; ++i) {
    const std::uint32_t at =
        wanted == nullptr ? static_cast<std::uint32_t>(i) : (*wanted)[static_cast<std::size_t>(i)];
    const FieldLeaf& leaf = reader.leaves[at];
    if (leaf.plain) {
      const int column = leaf.attribute - 1;
      read_plain(reader, leaf, slot->tts_values[column], slot->tts_isnull[column], &values[at]);
      continue;
    }
    if (nodes == nullptr) {
      nodes = new_nodes(reader);
      open_root(nodes, slot->tts_values, slot->tts_isnull);
    }
    values[at] = read_leaf(reader, nodes, leaf, {0, false});
  }
}

void fetch_columns(const RowReader& reader, const NullableDatum* columns, int count, Value* values) {
  OpenNode* nodes = nullptr;
  for (int i = 0; i < reader.leaf_count; ++i) {
    const FieldLeaf& leaf = reader.leaves[i];
    if (leaf.plain) {
      const NullableDatum& column = columns[leaf.attribute - 1];
      read_plain(reader, leaf, column.value, column.isnull, &values[i]);
      continue;
    }
    if (nodes == nullptr) {
      nodes = new_nodes(reader);
      const auto size = static_cast<std::size_t>(count) + 1;
      auto* const datums = static_cast<Datum*>(palloc((sizeof(Datum) + sizeof(bool)) * size));
      auto* const nulls = reinterpret_cast<bool*>(datums + size);
      for (int c = 0; c < count; ++c) {
        datums[c] = columns[c].value;
        nulls[c] = columns[c].isnull;
      }
      open_root(nodes, datums, nulls);
    }
    values[i] = read_leaf(reader, nodes, leaf, {0, false});
  }
}

}  // namespace leadscore
