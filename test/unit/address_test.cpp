// host_of and local_part_of on what CRM columns hold.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "core/text.hpp"

namespace leadscore {
namespace {

struct Case {
  const char* text;
  const char* host;
  const char* local;
};

class Address : public testing::TestWithParam<Case> {};

TEST_P(Address, HostAndMailboxName) {
  EXPECT_EQ(host_of(GetParam().text), GetParam().host) << GetParam().text;
  EXPECT_EQ(local_part_of(GetParam().text), GetParam().local) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    EMail, Address,
    testing::Values(
        Case{"ann@acme.com", "acme.com", "ann"}, Case{"  Ann@ACME.com\t", "ACME.com", "Ann"},
        Case{"\u00A0ann@acme.com\u00A0", "acme.com", "ann"},
        Case{"Ann Lee <ann@acme.com>", "acme.com", "ann"},
        Case{"\"Lee, Ann\" <ann@acme.com>", "acme.com", "ann"},
        Case{"\"ann@home\" <ann@acme.com>", "acme.com", "ann"}, Case{"<ann@acme.com>", "acme.com", "ann"},
        Case{"Ann < ann@acme.com >", "acme.com", "ann"}, Case{"mailto:ann@acme.com", "acme.com", "ann"},
        Case{"MailTo:ann@acme.com?subject=Hi@you", "acme.com", "ann"}, Case{"mailto:", "", ""},
        Case{"mailto:ann", "", ""}, Case{"mailto:a@b?subject=", "b", "a"},
        Case{"ann+news@mail.acme.com.", "mail.acme.com", "ann+news"},
        Case{"\"ann lee\"@acme.com", "acme.com", "\"ann lee\""},
        Case{"\"ann@lee\"@acme.com", "acme.com", "\"ann@lee\""}, Case{"a/b@acme.com", "acme.com", "a/b"},
        Case{"ann@[192.0.2.1]", "[192.0.2.1]", "ann"},
        Case{"ann@[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]", "ann"},
        Case{"ann@acme.com, bob@globex.io", "acme.com", "ann"},
        Case{"ann@acme.com;bob@globex.io", "acme.com", "ann"}, Case{"ann@acme.com (Ann)", "acme.com", "ann"},
        Case{"mail ann@acme.com please", "acme.com", "ann"}, Case{"@acme.com", "acme.com", ""},
        Case{"ann@", "", "ann"}, Case{"ann@müller.de", "müller.de", "ann"}, Case{"meet us @ noon", "", ""}));

INSTANTIATE_TEST_SUITE_P(
    Url, Address,
    testing::Values(
        Case{"https://acme.com", "acme.com", ""}, Case{"HTTPS://WWW.Acme.COM/", "WWW.Acme.COM", ""},
        Case{"https://user@www.acme.com:80/x", "www.acme.com", ""},
        Case{"https://user:p@ss@acme.com/x", "acme.com", ""}, Case{"https://acme.com?x=1", "acme.com", ""},
        Case{"https://acme.com#x", "acme.com", ""}, Case{"https://acme.com\\@evil.com", "acme.com", ""},
        Case{"https://acme.com./x", "acme.com", ""}, Case{"https://medium.com/@ann", "medium.com", ""},
        Case{"http://a.com/?u=http://b.com", "a.com", ""}, Case{"//acme.com/x", "acme.com", ""},
        Case{"//ann@acme.com:8080", "acme.com", ""}, Case{"ftp://[2001:db8::1]:21/x", "[2001:db8::1]", ""},
        Case{"http://[::1]", "[::1]", ""}, Case{"see https://acme.com for more", "acme.com", ""},
        Case{"<https://acme.com>", "acme.com", ""}, Case{"https://", "", ""}, Case{"https:///x", "", ""},
        Case{"//", "", ""}));

INSTANTIATE_TEST_SUITE_P(
    BareHost, Address,
    testing::Values(Case{"acme.com", "acme.com", ""}, Case{"  acme.com  ", "acme.com", ""},
                    Case{"acme.com.", "acme.com", ""}, Case{"acme.com...", "acme.com", ""},
                    Case{"acme.com/contact", "acme.com", ""}, Case{"acme.com/@ann", "acme.com", ""},
                    Case{"acme.com?mail=ann@globex.io", "acme.com", ""},
                    Case{"acme.com/login?next=https://globex.io", "acme.com", ""},
                    Case{"acme.com:8080", "acme.com", ""}, Case{"acme.com:8080/x", "acme.com", ""},
                    Case{"localhost", "localhost", ""}, Case{"[::1]:80", "[::1]", ""}));

INSTANTIATE_TEST_SUITE_P(Nothing, Address,
                         testing::Values(Case{"", "", ""}, Case{" \t", "", ""}, Case{".", "", ""},
                                         Case{"@", "", ""}, Case{"/pricing", "", ""},
                                         Case{"?utm_source=x", "", ""}, Case{"tel:+49-30-1234", "", ""},
                                         Case{"not known", "", ""}, Case{"acme.com and globex.io", "", ""},
                                         Case{"not\u00A0known", "", ""}, Case{"<>", "", ""},
                                         Case{">", "", ""}, Case{"[", "", ""}));

TEST(AddressBytes, AnyBytesGiveAViewIntoThem) {
  std::mt19937 random(1);
  const std::string alphabet = std::string("a.@:/<>[]?#\\ \"(,;mailto:\u00E9\xFF") + '\0';
  for (int i = 0; i < 200'000; ++i) {
    std::string text(random() % 16, '\0');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    for (const std::string_view part : {host_of(text), local_part_of(text)}) {
      if (part.empty()) continue;
      ASSERT_GE(part.data(), text.data());
      ASSERT_LE(part.data() + part.size(), text.data() + text.size());
    }
    ASSERT_FALSE(host_of(text).ends_with('.')) << text;
    ASSERT_EQ(local_part_of(text).empty() || text.find('@') != std::string::npos, true) << text;
  }
}

}  // namespace
}  // namespace leadscore
