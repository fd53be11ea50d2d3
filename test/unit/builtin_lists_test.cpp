// Tests of the built-in lists: that what is embedded is what the files hold, and that the files keep what
// data/lists/README.md promises of them.

#include "core/builtin_lists.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace leadscore {
namespace {

std::string read_file(std::string_view list) {
  std::ifstream file(std::string(LEADSCORE_DATA_DIR) + "/lists/" + std::string(list) + ".txt",
                     std::ios::binary);
  EXPECT_TRUE(file.is_open()) << list;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::string> read_lines(std::string_view list) {
  std::vector<std::string> lines;
  const std::string text = read_file(list);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) {
      ADD_FAILURE() << list << " does not end with a line end";
      break;
    }
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

const BuiltinList& list(std::string_view name) {
  const BuiltinList* found = BuiltinList::find(name);
  if (found == nullptr) throw std::runtime_error("no list " + std::string(name));
  return *found;
}

// What the operator `domain` does with a list.
bool holds(const BuiltinList& names, std::string_view host) {
  for (;;) {
    if (names.contains(host)) return true;
    const std::size_t dot = host.find('.');
    if (dot == std::string_view::npos) return false;
    host.remove_prefix(dot + 1);
  }
}

bool is_below_an_entry(const BuiltinList& names, std::string_view host) {
  const std::size_t dot = host.find('.');
  return dot != std::string_view::npos && holds(names, host.substr(dot + 1));
}

TEST(BuiltinLists, AreFoundByName) {
  const std::span<const BuiltinList> all = BuiltinList::all();
  ASSERT_EQ(all.size(), 4U);
  for (const BuiltinList& each : all) EXPECT_EQ(BuiltinList::find(each.name()), &each);
  EXPECT_EQ(list("freemail").use(), BuiltinList::Use::domain);
  EXPECT_EQ(list("disposable").use(), BuiltinList::Use::domain);
  EXPECT_EQ(list("education").use(), BuiltinList::Use::domain);
  EXPECT_EQ(list("role_accounts").use(), BuiltinList::Use::local_part);
  for (const char* name : {"nope", "", "@freemail", "Freemail", "freemai", "freemails"}) {
    EXPECT_EQ(BuiltinList::find(name), nullptr) << name;
  }
}

TEST(BuiltinLists, EmbedTheFiles) {
  for (const BuiltinList& each : BuiltinList::all()) {
    EXPECT_TRUE(each.text() == read_file(each.name())) << each.name();
  }
}

TEST(BuiltinLists, ContainEveryLine) {
  for (const BuiltinList& each : BuiltinList::all()) {
    const std::vector<std::string> lines = read_lines(each.name());
    EXPECT_EQ(each.size(), lines.size()) << each.name();
    EXPECT_GT(lines.size(), 500U) << each.name();
    for (const std::string& line : lines) EXPECT_TRUE(each.contains(line)) << each.name() << ' ' << line;
  }
}

TEST(BuiltinLists, ContainNothingElse) {
  for (const BuiltinList& each : BuiltinList::all()) {
    const std::vector<std::string> lines = read_lines(each.name());
    const std::set<std::string> known(lines.begin(), lines.end());
    for (const std::string& line : lines) {
      for (const std::string& other :
           {line + "x", "x" + line, line.substr(1), line.substr(0, line.size() - 1), line + "\n", "\n" + line,
            line + '\0', line + "."}) {
        EXPECT_EQ(each.contains(other), known.contains(other)) << each.name() << ' ' << other;
      }
    }
    EXPECT_FALSE(each.contains({}));
    EXPECT_FALSE(each.contains("\n"));
    EXPECT_FALSE(each.contains(lines[0] + "\n" + lines[1]));
    EXPECT_FALSE(each.contains(each.text()));
    EXPECT_FALSE(each.contains(each.text().substr(0, each.text().size() - 1)));
    EXPECT_FALSE(each.contains(std::string(100'000, 'a')));
  }
}

TEST(BuiltinLists, AreSortedUniqueAndFolded) {
  for (const BuiltinList& each : BuiltinList::all()) {
    const std::vector<std::string> lines = read_lines(each.name());
    EXPECT_EQ(std::adjacent_find(lines.begin(), lines.end(), std::greater_equal<>()), lines.end())
        << each.name();
    const std::string_view allowed = each.use() == BuiltinList::Use::domain
                                         ? "abcdefghijklmnopqrstuvwxyz0123456789-."
                                         : "abcdefghijklmnopqrstuvwxyz0123456789-._+";
    for (const std::string& line : lines) {
      EXPECT_FALSE(line.empty()) << each.name();
      EXPECT_EQ(line.find_first_not_of(allowed), std::string::npos) << each.name() << ' ' << line;
    }
  }
}

TEST(BuiltinLists, HaveNoEntryBelowAnother) {
  for (const BuiltinList& each : BuiltinList::all()) {
    if (each.use() != BuiltinList::Use::domain) continue;
    for (const std::string& line : read_lines(each.name())) {
      EXPECT_FALSE(is_below_an_entry(each, line)) << each.name() << ' ' << line;
      EXPECT_TRUE(line == "edu" || line.find('.') != std::string::npos) << each.name() << ' ' << line;
    }
  }
}

TEST(BuiltinLists, AreDisjointAsDocumented) {
  const BuiltinList& disposable = list("disposable");
  const BuiltinList& education = list("education");
  for (const std::string& line : read_lines("freemail")) {
    EXPECT_FALSE(holds(disposable, line)) << line;
    EXPECT_FALSE(holds(education, line)) << line;
  }
  // The other way round, a disposable name may be below a whole suffix of education, but is not itself one.
  for (const std::string& line : read_lines("disposable")) {
    EXPECT_FALSE(holds(list("freemail"), line)) << line;
    EXPECT_FALSE(education.contains(line)) << line;
  }
  for (const std::string& line : read_lines("education")) {
    EXPECT_FALSE(holds(list("freemail"), line)) << line;
    EXPECT_FALSE(holds(disposable, line)) << line;
  }
}

TEST(BuiltinLists, HoldWellKnownNames) {
  for (const char* host :
       {"gmail.com", "googlemail.com", "outlook.com", "hotmail.co.uk", "yahoo.co.id", "icloud.com", "gmx.de",
        "web.de", "orange.fr", "mail.ru", "qq.com", "proton.me", "21cn.com", "vip.qq.com"}) {
    EXPECT_TRUE(holds(list("freemail"), host)) << host;
    EXPECT_FALSE(holds(list("disposable"), host)) << host;
    EXPECT_FALSE(holds(list("education"), host)) << host;
  }
  for (const char* host :
       {"mailinator.com", "yopmail.com", "guerrillamail.com", "10minutemail.com", "a.mailinator.com"}) {
    EXPECT_TRUE(holds(list("disposable"), host)) << host;
    EXPECT_FALSE(holds(list("freemail"), host)) << host;
  }
  for (const char* host : {"stanford.edu", "cs.stanford.edu", "unseen.edu", "strath.ac.uk", "ox.ac.uk",
                           "unimelb.edu.au", "ethz.ch", "tum.de", "ugr.es", "ui.ac.id", "uottawa.ca"}) {
    EXPECT_TRUE(holds(list("education"), host)) << host;
    EXPECT_FALSE(holds(list("freemail"), host)) << host;
    EXPECT_FALSE(holds(list("disposable"), host)) << host;
  }
  EXPECT_TRUE(list("education").contains("edu"));
  EXPECT_TRUE(list("education").contains("ac.uk"));
  for (const char* host :
       {"acme.com", "siemens.com", "google.com", "facebook.com", "microsoft.com", "co.uk", "com", "education",
        "notgmail.com", "gmail.com.acme.com", "GMAIL.COM", "uk", "net.ua", "af.mil"}) {
    for (const char* name : {"freemail", "disposable", "education"})
      EXPECT_FALSE(holds(list(name), host)) << host;
  }
  for (const char* mailbox :
       {"info", "sales", "contact", "kontakt", "vertrieb", "ventas", "vendas", "admin", "noreply", "no-reply",
        "support", "office", "verkoop", "service.client", "postmaster", "hr"}) {
    EXPECT_TRUE(list("role_accounts").contains(mailbox)) << mailbox;
  }
  for (const char* mailbox :
       {"alexa", "per", "ceo", "director", "john.smith", "informed", "Info", "la", "sydney"}) {
    EXPECT_FALSE(list("role_accounts").contains(mailbox)) << mailbox;
  }
}

TEST(BuiltinLists, HashTheContent) {
  std::set<std::uint64_t> hashes;
  for (const BuiltinList& each : BuiltinList::all()) {
    EXPECT_EQ(each.content_hash(), each.content_hash());
    hashes.insert(each.content_hash());
  }
  EXPECT_EQ(hashes.size(), BuiltinList::all().size());
}

// Comes into its own with -fsanitize=thread, as the only test of a run: another may have built the tables.
TEST(BuiltinLists, MayBeFirstUsedByManyThreads) {
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([] {
      for (const BuiltinList& each : BuiltinList::all()) {
        EXPECT_TRUE(each.contains(each.text().substr(0, each.text().find('\n'))));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace leadscore
