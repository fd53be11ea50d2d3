// Field requests against a row type: which attribute of which nested row, or which member of which JSON
// column.
#include "pg/encoding.hpp"
#include "pg/guard.hpp"
#include "pg/row_reader.hpp"

namespace leadscore {
namespace {

constexpr int kMaxHintColumns = 2000;

const char* copy_utf8(const char* server_text) {
  const std::string_view utf8 = to_utf8(server_text);
  return pnstrdup(utf8.data(), utf8.size());
}

/// The attribute of that name, or nullptr.
Form_pg_attribute find_attribute(TupleDesc desc, const char* name, std::size_t size) {
  if (size >= NAMEDATALEN) return nullptr;
  for (int i = 0; i < desc->natts; ++i) {
    const Form_pg_attribute attribute = TupleDescAttr(desc, i);
    if (attribute->attisdropped) continue;
    const char* const its = NameStr(attribute->attname);
    if (std::strncmp(its, name, size) == 0 && its[size] == '\0') return attribute;
  }
  return nullptr;
}

int add_node(RowReader& reader, const RowNode& node) {
  if (reader.node_count == reader.node_room) {
    reader.node_room *= 2;
    reader.nodes = static_cast<RowNode*>(
        repalloc(reader.nodes, sizeof(RowNode) * static_cast<std::size_t>(reader.node_room)));
  }
  reader.nodes[reader.node_count] = node;
  return reader.node_count++;
}

int find_node(const RowReader& reader, int parent, AttrNumber attribute) {
  for (int i = 1; i < reader.node_count; ++i) {
    if (reader.nodes[i].parent == parent && reader.nodes[i].attribute == attribute) return i;
  }
  return -1;
}

/// Fills the descriptor of a row node.
void describe_row(RowNode& node, Oid type, int32 typmod) {
  node.form = RowNode::Form::row;
  node.type = type;
  node.typmod = type == RECORDOID ? typmod : -1;
  node.identifier = assign_record_type_identifier(type, typmod);
  if (type != RECORDOID) node.cache = lookup_type_cache(type, TYPECACHE_TUPDESC);
  const TupleDesc desc = lookup_rowtype_tupdesc(type, typmod);
  node.whole = CreateTupleDescCopyConstr(desc);
  ReleaseTupleDesc(desc);
}

int child_row(RowReader& reader, int parent, const FormData_pg_attribute* attribute, Oid base) {
  if (const int known = find_node(reader, parent, attribute->attnum); known >= 0) return known;
  RowNode node{};
  describe_row(node, base, -1);
  node.parent = static_cast<std::int16_t>(parent);
  node.attribute = attribute->attnum;
  return add_node(reader, node);
}

int child_json(RowReader& reader, int parent, const FormData_pg_attribute* attribute, Reading reading) {
  if (const int known = find_node(reader, parent, attribute->attnum); known >= 0) return known;
  RowNode node{};
  node.form = reading == Reading::jsonb ? RowNode::Form::jsonb : RowNode::Form::json;
  node.parent = static_cast<std::int16_t>(parent);
  node.attribute = attribute->attnum;
  return add_node(reader, node);
}

void resolve_leaf(RowReader& reader, int parent, const char* path, std::size_t size, FieldLeaf& leaf) {
  // The node may move while children are added; its descriptor stays.
  const TupleDesc desc = reader.nodes[parent].whole;
  if (const Form_pg_attribute attribute = find_attribute(desc, path, size)) {
    leaf.node = static_cast<std::int16_t>(parent);
    leaf.attribute = attribute->attnum;
    leaf.type = reading_of(attribute->atttypid);
    leaf.exists = true;
    leaf.type_name = copy_utf8(format_type_be(attribute->atttypid));
    return;
  }
  leaf.exists = false;
  const auto* const dot = static_cast<const char*>(std::memchr(path, '.', size));
  if (dot == nullptr) return;
  const auto front = static_cast<std::size_t>(dot - path);
  const Form_pg_attribute attribute = find_attribute(desc, path, front);
  if (attribute == nullptr) return;
  const char* const rest = dot + 1;
  const std::size_t rest_size = size - front - 1;
  const TypeReading type = reading_of(attribute->atttypid);
  if (type.reading == Reading::jsonb || type.reading == Reading::json) {
    leaf.node = static_cast<std::int16_t>(child_json(reader, parent, attribute, type.reading));
    leaf.path = pnstrdup(rest, rest_size);
    leaf.path_size = static_cast<std::uint32_t>(rest_size);
    leaf.type.field = FieldType::json;
    leaf.exists = true;
    leaf.type_name = copy_utf8(format_type_be(attribute->atttypid));
  } else if (get_typtype(type.base) == TYPTYPE_COMPOSITE) {
    resolve_leaf(reader, child_row(reader, parent, attribute, type.base), rest, rest_size, leaf);
  }
}

/// The names of all columns, of nested rows with a dot, for hints.
void list_columns(RowReader& reader, TupleDesc desc, const char* prefix, int depth) {
  for (int i = 0; i < desc->natts && reader.column_count < kMaxHintColumns; ++i) {
    const Form_pg_attribute attribute = TupleDescAttr(desc, i);
    if (attribute->attisdropped) continue;
    const char* const name = psprintf("%s%s", prefix, NameStr(attribute->attname));
    if (reader.column_count == reader.column_room) {
      reader.column_room = std::max(16, 2 * reader.column_room);
      const std::size_t bytes = sizeof(char*) * static_cast<std::size_t>(reader.column_room);
      reader.columns = static_cast<const char**>(reader.columns == nullptr ? palloc(bytes)
                                                                           : repalloc(reader.columns, bytes));
    }
    reader.columns[reader.column_count++] = copy_utf8(name);
    const Oid base = getBaseType(attribute->atttypid);
    if (depth > 0 && base != RECORDOID && get_typtype(base) == TYPTYPE_COMPOSITE) {
      const TupleDesc nested = lookup_rowtype_tupdesc_copy(base, -1);
      list_columns(reader, nested, psprintf("%s.", name), depth - 1);
    }
  }
}

/// How far each row is to be taken apart.
void lay_out(RowReader& reader) {
  for (int i = 0; i < reader.leaf_count; ++i) {
    FieldLeaf& leaf = reader.leaves[i];
    if (leaf.node < 0 || leaf.attribute == 0) continue;
    leaf.plain = leaf.node == 0 && !leaf.as_text;
    int& last = reader.nodes[leaf.node].last;
    last = std::max<int>(last, leaf.attribute);
  }
  for (int i = 1; i < reader.node_count; ++i) {
    int& last = reader.nodes[reader.nodes[i].parent].last;
    last = std::max<int>(last, reader.nodes[i].attribute);
  }
  for (int i = 0; i < reader.node_count; ++i) {
    RowNode& node = reader.nodes[i];
    if (node.form != RowNode::Form::row) continue;
    node.layout = static_cast<AttributeLayout*>(
        palloc(sizeof(AttributeLayout) * static_cast<std::size_t>(node.last + 1)));
    for (int a = 0; a < node.last; ++a) {
      const Form_pg_attribute attribute = TupleDescAttr(node.whole, a);
      node.layout[a] = {attribute->attlen, attribute->attbyval, attribute->attalign};
    }
  }
}

}  // namespace

RowReader* resolve_row(const RowType& type, const std::vector<FieldRequest>& requests) {
  const MemoryContext context =
      AllocSetContextCreate(CurrentMemoryContext, "leadscore row type", ALLOCSET_SMALL_SIZES);
  const MemoryContext before = MemoryContextSwitchTo(context);
  auto* const reader = static_cast<RowReader*>(palloc0(sizeof(RowReader)));
  reader->context = context;
  reader->type = type;
  reader->node_room = 4;
  reader->nodes = static_cast<RowNode*>(palloc0(sizeof(RowNode) * 4));
  reader->leaf_count = static_cast<int>(requests.size());
  reader->leaves = static_cast<FieldLeaf*>(palloc0(sizeof(FieldLeaf) * (requests.size() + 1)));
  reader->row_name = "jsonb";
  reader->text_is_utf8 = text_is_utf8();
  if (type.form != RowType::Form::null_row) {
    RowNode root{};
    root.parent = -1;
    root.form = type.form == RowType::Form::json ? RowNode::Form::json : RowNode::Form::jsonb;
    if (type.form == RowType::Form::row) {
      describe_row(root, type.oid, type.typmod);
      reader->row_name = type.oid == RECORDOID ? "the record" : copy_utf8(format_type_be(type.oid));
      list_columns(*reader, root.whole, "", 2);
    }
    add_node(*reader, root);
  }
  for (int i = 0; i < reader->leaf_count; ++i) {
    FieldLeaf& leaf = reader->leaves[i];
    leaf = FieldLeaf{};
    leaf.as_text = requests[static_cast<std::size_t>(i)].as_text;
    leaf.type.field = FieldType::json;
    if (type.form == RowType::Form::null_row) continue;
    // A character that the database does not have is in no name either; as '?' it leads nowhere, or to a
    // column that is called so.
    const std::string& wanted = requests[static_cast<std::size_t>(i)].path;
    const char* const path = server_message(pnstrdup(wanted.data(), wanted.size()));
    if (type.form == RowType::Form::row) {
      resolve_leaf(*reader, 0, path, std::strlen(path), leaf);
    } else {
      leaf.node = 0;
      leaf.path = path;
      leaf.path_size = static_cast<std::uint32_t>(std::strlen(path));
    }
  }
  lay_out(*reader);
  MemoryContextSwitchTo(before);
  return reader;
}

void keep_reader(RowReader* reader) noexcept { MemoryContextSetParent(reader->context, TopMemoryContext); }

void release_reader(RowReader* reader) noexcept { MemoryContextDelete(reader->context); }

const RowType& row_type(const RowReader& reader) noexcept { return reader.type; }

std::size_t field_count(const RowReader& reader) noexcept {
  return static_cast<std::size_t>(reader.leaf_count);
}

bool is_current(const RowReader& reader) noexcept {
  for (int i = 0; i < reader.node_count; ++i) {
    const RowNode& node = reader.nodes[i];
    // The server clears an entry's identifier when the type changes, and never gives one out twice.
    if (node.cache != nullptr && node.cache->tupDesc_identifier != node.identifier) return false;
  }
  return true;
}

bool stays_current(const RowReader& reader) noexcept {
  for (int i = 0; i < reader.node_count; ++i) {
    if (reader.nodes[i].cache != nullptr) return false;
  }
  return true;
}

RowShape shape_of(const RowReader& reader) {
  RowShape shape;
  shape.row_name = reader.row_name;
  shape.columns.assign(reader.columns, reader.columns + reader.column_count);
  for (int i = 0; i < reader.leaf_count; ++i) {
    const FieldLeaf& leaf = reader.leaves[i];
    FieldInfo& info = shape.fields.emplace_back();
    info.type = leaf.type.field;
    info.exists = leaf.exists;
    if (leaf.type_name != nullptr) info.type_name = leaf.type_name;
  }
  return shape;
}

TypeReading reading_of(Oid type) {
  TypeReading made;
  const auto set = [&made](FieldType field, Reading reading) {
    made.field = field;
    made.reading = reading;
  };
  made.base = getBaseType(type);
  switch (made.base) {
    case BOOLOID:
      set(FieldType::boolean, Reading::boolean);
      return made;
    case INT2OID:
      set(FieldType::number, Reading::int2);
      return made;
    case INT4OID:
      set(FieldType::number, Reading::int4);
      return made;
    case INT8OID:
      set(FieldType::number, Reading::int8);
      return made;
    case OIDOID:
      set(FieldType::number, Reading::oid);
      return made;
    case FLOAT4OID:
      set(FieldType::number, Reading::float4);
      return made;
    case FLOAT8OID:
      set(FieldType::number, Reading::float8);
      return made;
    case NUMERICOID:
      set(FieldType::number, Reading::numeric);
      return made;
    case TEXTOID:
    case VARCHAROID:
      set(FieldType::text, Reading::text);
      return made;
    case BPCHAROID:
      set(FieldType::text, Reading::bpchar);
      return made;
    case NAMEOID:
      set(FieldType::text, Reading::name);
      return made;
    case CHAROID:
      set(FieldType::text, Reading::character);
      return made;
    case UUIDOID:
      set(FieldType::text, Reading::uuid);
      return made;
    case DATEOID:
      set(FieldType::instant, Reading::date);
      return made;
    case TIMESTAMPOID:
    case TIMESTAMPTZOID:
      set(FieldType::instant, Reading::timestamp);
      return made;
    case JSONBOID:
      set(FieldType::json, Reading::jsonb);
      return made;
    case JSONOID:
      set(FieldType::json, Reading::json);
      return made;
    default:
      break;
  }
  const Oid element = get_element_type(made.base);
  if (OidIsValid(element)) {
    const TypeReading of = reading_of(element);
    made.reading = Reading::array;
    made.element = of.reading;
    made.element_type = element;
    made.element_base = of.base;
    switch (of.field) {
      case FieldType::boolean:
        made.field = FieldType::boolean_array;
        break;
      case FieldType::number:
        made.field = FieldType::number_array;
        break;
      case FieldType::text:
        made.field = FieldType::text_array;
        break;
      case FieldType::instant:
        made.field = FieldType::instant_array;
        break;
      default:
        made.reading = Reading::other;
        break;
    }
    return made;
  }
  char category;
  bool preferred;
  get_type_category_preferred(made.base, &category, &preferred);
  if (get_typtype(made.base) == TYPTYPE_ENUM) {
    set(FieldType::text, Reading::enumeration);
  } else if (category == TYPCATEGORY_STRING && IsBinaryCoercible(made.base, TEXTOID)) {
    set(FieldType::text, Reading::text);  // citext and its like
  } else if (category == TYPCATEGORY_STRING || category == TYPCATEGORY_NETWORK) {
    set(FieldType::text, Reading::output);
  }
  return made;
}

RowType argument_row_type(FunctionCallInfo fcinfo, int number, Oid declared, NullableDatum* row) {
  row->isnull = PG_ARGISNULL(number);
  row->value = PG_GETARG_DATUM(number);
  if (declared == JSONBOID) return {RowType::Form::jsonb};
  if (declared == JSONOID) return {RowType::Form::json};
  if (!row->isnull) {
    const HeapTupleHeader header = DatumGetHeapTupleHeader(row->value);
    row->value = HeapTupleHeaderGetDatum(header);
    return {RowType::Form::row, HeapTupleHeaderGetTypeId(header), HeapTupleHeaderGetTypMod(header)};
  }
  // A NULL row, from the nullable side of an outer join for example: its type is known where the expression
  // says it.
  Oid type = get_fn_expr_argtype(fcinfo->flinfo, number);
  if (OidIsValid(type)) type = getBaseType(type);
  if (OidIsValid(type) && type != RECORDOID && type_is_rowtype(type)) return {RowType::Form::row, type, -1};
  return {RowType::Form::null_row};
}

}  // namespace leadscore
