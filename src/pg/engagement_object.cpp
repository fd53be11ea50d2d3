// Expanded engagement states.
#include "pg/engagement_object.hpp"

#include "core/engagement_codec.hpp"
#include "pg/guard.hpp"

namespace leadscore {
namespace {

/// Where states are encoded. Made at first use, never destroyed: nothing is to run when the process ends.
struct Encoder {
  EngagementWriter writer;
  std::vector<std::uint8_t> bytes;
  const ExpandedObjectHeader* holds =
      nullptr;  ///< the object whose size was asked for last, unless it may have changed since
};
Encoder* encoder = nullptr;

constexpr std::size_t kKeptBytes = 1 << 20;  ///< of the encoder's buffer between calls

/// Fills the encoder's buffer; its size. May throw, does not longjmp.
std::size_t encode_state(Engagement& state, Arena& arena) {
  if (encoder == nullptr) encoder = new Encoder();
  encoder->holds = nullptr;
  encoder->bytes.clear();
  encode(state, arena, encoder->writer, encoder->bytes);
  return encoder->bytes.size();
}

void copy_encoded(void* target) noexcept {
  std::memcpy(target, encoder->bytes.data(), encoder->bytes.size());
  encoder->holds = nullptr;
  if (encoder->bytes.capacity() > kKeptBytes) std::vector<std::uint8_t>().swap(encoder->bytes);
}

/// Raises an error for a state that no value of the server can hold.
Size flat_size(std::size_t bytes) {
  if (!AllocSizeIsValid(bytes + VARHDRSZ)) {
    ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("engagement state is too large")));
  }
  return bytes + VARHDRSZ;
}

ExpandedEngagement* object_of(ExpandedObjectHeader* header) noexcept {
  return reinterpret_cast<ExpandedEngagement*>(header);
}

/// The same for an expanded object, whose arena is its context. May longjmp.
std::size_t encode_object(ExpandedObjectHeader* header) {
  std::size_t size = 0;
  // Compacting changes how a state is written down, not what it says, and must not stop halfway.
  guarded_change([&] {
    ContextArena arena(*object_of(header));
    size = encode_state(object_of(header)->state, arena);
  });
  return size;
}

// The server asks for the size and then for the bytes: what was encoded for the one serves the other, unless
// another object came between.
Size get_flat_size(ExpandedObjectHeader* header) {
  const Size size = flat_size(encode_object(header));
  encoder->holds = header;
  return size;
}

void flatten_into(ExpandedObjectHeader* header, void* result, Size allocated) {
  if (encoder == nullptr || encoder->holds != header) (void)encode_object(header);
  if (encoder->bytes.size() + VARHDRSZ != allocated)
    elog(ERROR, "engagement state changed while it was flattened");
  SET_VARSIZE(result, allocated);
  copy_encoded(VARDATA(result));
}

/// May throw, does not longjmp.
void copy_engagement(const EngagementArgument& given, ExpandedEngagement* copy) {
  ScratchArena scratch;
  Engagement room;
  const Engagement* const from = read_engagement(given, scratch, room);
  ContextArena arena(*copy);
  EngagementWriter writer;
  copy->state.fingerprint = from->fingerprint;
  writer.merge(copy->state, arena, *from);
}

constexpr ExpandedObjectMethods kMethods = {get_flat_size, flatten_into};

/// The bytes of memory that a value of its own has: the server's allocator rounds up. May longjmp.
std::size_t memory_of(varlena* value) {
#ifdef MEMORY_CONTEXT_CHECKING
  return VARSIZE_ANY(value);  // such a server reports what is written beyond
#else
  // What the allocator needs itself is seen at a size that it leaves as it is.
  static std::size_t overhead = 0;
  if (overhead == 0) {
    constexpr std::size_t kKnown = 64;
    void* const block = MemoryContextAlloc(TopMemoryContext, kKnown);
    overhead = GetMemoryChunkSpace(block) - kKnown;
    pfree(block);
  }
  return GetMemoryChunkSpace(value) - overhead;
#endif
}

ExpandedEngagement* expanded_engagement(Datum datum) noexcept {
  ExpandedObjectHeader* const header = DatumGetEOHP(datum);
  return header->eoh_methods == &kMethods ? object_of(header) : nullptr;
}

}  // namespace

// ContextArena has a virtual destructor that does nothing, so the server's errors may pass over an arena on
// the stack.
void* ContextArena::allocate(std::size_t bytes) {
  if (!AllocSizeIsValid(bytes)) throw std::bad_alloc();
  void* const block = MemoryContextAllocExtended(context_, bytes, MCXT_ALLOC_NO_OOM);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void ContextArena::release(void* block) noexcept {
  if (block != nullptr && block != embedded_) pfree(block);
}

/// Lives in `states`, and so vanishes with it; its callback unlinks it first.
struct StateContexts::Link {
  MemoryContextCallback callback;
  StateContexts* owner;  ///< nullptr where it has gone before
  MemoryContext aggregate, states;
  Link* next;
};

StateContexts::~StateContexts() {
  for (Link* link = first; link != nullptr; link = link->next) link->owner = nullptr;
}

MemoryContext state_context(StateContexts& contexts, MemoryContext aggregate) {
  for (const StateContexts::Link* link = contexts.first; link != nullptr; link = link->next) {
    if (link->aggregate == aggregate) return link->states;
  }
  // With these sizes the server keeps deleted contexts for reuse, which sorted grouping makes at each group.
  const MemoryContext states =
      AllocSetContextCreate(aggregate, "leadscore states", ALLOCSET_START_SMALL_SIZES);
  auto* const link =
      static_cast<StateContexts::Link*>(MemoryContextAlloc(states, sizeof(StateContexts::Link)));
  link->owner = &contexts;
  link->aggregate = aggregate;
  link->states = states;
  link->next = contexts.first;
  link->callback.arg = link;
  link->callback.func = [](void* gone) {
    auto* const dead = static_cast<StateContexts::Link*>(gone);
    if (dead->owner == nullptr) return;
    StateContexts::Link** at = &dead->owner->first;
    while (*at != dead) at = &(*at)->next;
    *at = dead->next;
  };
  MemoryContextRegisterResetCallback(states, &link->callback);
  contexts.first = link;
  return states;
}

ExpandedEngagement* make_expanded(MemoryContext context) {
  void* const memory = MemoryContextAlloc(context, sizeof(ExpandedEngagement));
  auto* const made = new (memory) ExpandedEngagement();
  EOH_init_header(&made->header, &kMethods, context);
  made->state.cells = made->first_cells;
  made->state.capacity = std::size(made->first_cells);
  return made;
}

ExpandedEngagement* writable_engagement(Datum datum) noexcept {
  if (!VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(datum))) return nullptr;
  return expanded_engagement(datum);
}

Oid engagement_type() {
  return GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("engagement"),
                         ObjectIdGetDatum(get_namespace_oid("leadscore", false)));
}

EngagementArgument engagement_value(NullableDatum datum) {
  EngagementArgument made;
  if (datum.isnull) return made;
  if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum.value))) {
    if (const ExpandedEngagement* const object = expanded_engagement(datum.value)) {
      made.state = &object->state;
      return made;
    }
  }
  varlena* const flat = PG_DETOAST_DATUM_PACKED(datum.value);
  made.flat = flat;
  made.bytes = reinterpret_cast<const std::uint8_t*>(VARDATA_ANY(flat));
  made.size = VARSIZE_ANY_EXHDR(flat);
  return made;
}

const Engagement* read_engagement(const EngagementArgument& argument, Arena& arena, Engagement& room) {
  if (argument.bytes == nullptr) return argument.state;
  room = decode({argument.bytes, argument.size}, arena);
  return &room;
}

ExpandedEngagement* aggregate_state(FunctionCallInfo fcinfo, StateContexts& contexts,
                                    MemoryContext aggregate) {
  if (PG_ARGISNULL(0)) return nullptr;
  if (ExpandedEngagement* const object = writable_engagement(PG_GETARG_DATUM(0))) return object;
  const EngagementArgument given = engagement_argument(fcinfo, 0);
  ExpandedEngagement* const copy = make_expanded(state_context(contexts, aggregate));
  guarded_change([&] { copy_engagement(given, copy); });
  return copy;
}

bool flat_state(FunctionCallInfo fcinfo, FlatState* state) {
  if (PG_ARGISNULL(0)) return true;
  auto* const flat = reinterpret_cast<varlena*>(PG_GETARG_POINTER(0));
  if (VARATT_IS_EXTERNAL(flat) || VARATT_IS_COMPRESSED(flat)) return false;
  state->value = flat;
  state->bytes = reinterpret_cast<std::uint8_t*>(VARDATA_ANY(flat));
  state->size = VARSIZE_ANY_EXHDR(flat);
  // One that merge has adopted may have a header that says no other size.
  state->room = VARATT_IS_SHORT(flat) ? 0 : memory_of(flat) - VARHDRSZ;
  return true;
}

Datum changed_in_place(const FlatState& state, std::size_t size) noexcept {
  if (size != state.size) SET_VARSIZE(state.value, size + VARHDRSZ);
  return PointerGetDatum(state.value);
}

Datum flat_transition(const FlatState& state, std::uint8_t* made, std::size_t size) noexcept {
  if (size == state.size || size <= state.room) {
    std::memcpy(state.bytes, made, size);
    return changed_in_place(state, size);
  }
  // A header of four bytes, though one would do: the commonest state, a single sum, then takes more than 32
  // bytes, and in the 64 that the server's allocator hands out there is room for two sums more.
  SET_VARSIZE(made - VARHDRSZ, size + VARHDRSZ);
  return PointerGetDatum(made - VARHDRSZ);
}

bytea* flat_engagement(Engagement& state, Arena& arena) {
  std::size_t encoded = 0;
  // May stop and begin anew: a list that is compacted stays so.
  guarded([&] { encoded = encode_state(state, arena); });
  const Size size = flat_size(encoded);
  auto* const flat = static_cast<bytea*>(palloc(size));
  SET_VARSIZE(flat, size);
  copy_encoded(VARDATA(flat));
  return flat;
}

}  // namespace leadscore
