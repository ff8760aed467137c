"""Rules of accounts and keys broken by hand, each with the test that must see it."""

from tests.planted.bug import Bug

AUTH = "functions/auth"
PASSWORDS = "tests/auth/test_passwords.py::test_"
SECURING = "tests/auth/test_securing.py::test_"
CLOSING = "tests/auth/test_closing.py::test_"
SECURED = "tests/inference/test_secured.py::test_"
ORGANIZATIONS = "tests/auth/test_organizations.py::test_"
PROVIDERS = "tests/auth/test_providers.py::test_"
DOCUMENTS = "tests/auth/test_documents.py::test_"
MATRIX = "tests/contract/test_matrix.py::test_"
KEYS = "tests/auth/test_restricted_keys.py::test_"

ACCESS_BUGS = (
    Bug(
        "a token may say that what we do not know is critical",
        f"{AUTH}/providers/id_tokens.py",
        '    if "crit" in decoded.header:\n        raise _refusal()\n',
        "",
        "tests/auth/test_vectors.py::"
        "test_a_header_that_we_do_not_know_or_that_brings_its_own_key_proves_nothing",
    ),
    Bug(
        "a reset leaves the sessions open",
        f"{AUTH}/passwords/service.py",
        "        *ends.end(sessions.list_(actor), account, actor, caller),\n",
        "",
        f"{PASSWORDS}a_reset_sets_the_password_and_ends_every_session",
    ),
    Bug(
        "a reset's code works twice",
        f"{AUTH}/passwords/service.py",
        "        store.redeem(login, code, actor),\n",
        "",
        f"{PASSWORDS}a_reset_works_once",
    ),
    Bug(
        "a sign-in passes by a reset at the same time",
        f"{AUTH}/users/store.py",
        '        when=Attr("revision").eq(user["revision"]),\n',
        "",
        f"{PASSWORDS}no_sign_in_with_the_old_password_survives_a_reset",
    ),
    Bug(
        "an address that nobody has is not written to",
        f"{AUTH}/passwords/service.py",
        "    send(identity, known if user else",
        "    user and send(identity, known if user else",
        f"{PASSWORDS}an_unknown_address_costs_the_same_work[ask]",
    ),
    Bug(
        "a pending change of address survives a new password",
        f"{AUTH}/passwords/service.py",
        '        emails.forget(user["id"]),\n',
        "",
        "tests/auth/test_emails.py::test_a_change_left_pending_does_not_survive_a_new_password",
    ),
    Bug(
        "a change of address is confirmed in any session",
        f"{AUTH}/emails/store.py",
        '        & Attr("session").eq(session)\n',
        "",
        "tests/auth/test_emails.py::test_a_code_works_once_soon_and_in_the_session_that_asked",
    ),
    Bug(
        "a session stays fresh for ever",
        f"{AUTH}/sessions/freshness.py",
        ">= FRESH_MS",
        "< 0",
        "tests/auth/test_step_up.py::test_half_an_hour_after_sign_in_more_than_the_session_is_asked_for[POST-/keys-body0]",
    ),
    Bug(
        "a session that has ended makes keys while it is remembered",
        f"{AUTH}/keys/service.py",
        "            *with_it,\n            sessions.is_open(principal),\n",
        "            *with_it,\n",
        "tests/auth/test_step_up.py::"
        "test_a_session_that_has_ended_makes_no_key_while_it_is_remembered",
    ),
    Bug(
        "an account is kept after its time has come",
        f"{AUTH}/closing/store.py",
        '        when=Attr("state").eq(CLOSING) & Attr("closes_ms").gt(clock.now_ms()),\n',
        '        when=Attr("state").eq(CLOSING),\n',
        f"{CLOSING}once_its_time_has_come_it_is_too_late_to_keep_it",
    ),
    Bug(
        "who was closed is let in",
        f"{AUTH}/sessions/opening.py",
        "        if users.is_closed(now):\n",
        "        if False:\n",
        f"{CLOSING}who_was_closed_is_unknown_by_every_door_and_the_address_stays_taken",
    ),
    Bug(
        "an organization closes without its members",
        f"{AUTH}/closing/completion.py",
        '    _part(others, actor, "member.removed", caller)\n',
        "",
        f"{CLOSING}an_organization_closes_with_its_members_invitations_and_keys",
    ),
    Bug(
        "a secured account's links lead on",
        "functions/inference/results/routes.py",
        "        or links.signed_ms(expires) <= standing.distrusted_until_ms(job.account)\n",
        "",
        f"{SECURED}a_result_link_from_before_leads_nowhere_and_one_from_after_does",
    ),
    Bug(
        "a secured account's deliveries go on",
        "functions/inference/webhooks/runs.py",
        "    trust.check(delivery, webhook, job, distrusted_ms)\n",
        "",
        f"{SECURED}an_address_that_a_job_named_before_is_told_nothing_of_it",
    ),
    Bug(
        "a secured account keeps its epoch",
        f"{AUTH}/securing/service.py",
        "        store.raise_epoch(account, epoch),\n",
        "",
        f"{SECURING}the_owner_comes_back_by_mail_and_makes_new_keys",
    ),
    Bug(
        "nobody ends the keys that a dead process left",
        f"{AUTH}/followups.py",
        '    if notice["kind"] in SECURED:\n',
        "    if False:\n",
        f"{SECURING}wherever_the_process_dies_either_nothing_or_everything_ends",
    ),
    Bug(
        "the follow-up ends the keys that were made since",
        f"{AUTH}/keys/revocation.py",
        'Attr("epoch").lt(epoch)',
        'Attr("epoch").lte(epoch)',
        f"{SECURING}the_owner_comes_back_by_mail_and_makes_new_keys",
    ),
    Bug(
        "the grants of a secured account stay as they were",
        "functions/billing/epochs/service.py",
        "            if behind:\n",
        "            if False:\n",
        "tests/billing/test_epochs.py::"
        "test_balance_and_grants_rise_and_nothing_from_before_holds_of_them",
    ),
    Bug(
        "a key is taken from anywhere",
        "layers/sluice/python/sluice/principal.py",
        "    elif principal.networks:\n",
        "    elif False:\n",
        f"{KEYS}a_key_is_refused_outside_its_networks",
    ),
    Bug(
        "a key calls any model",
        "functions/inference/jobs/submission.py",
        "    principal.check_model(card.id)\n",
        "",
        f"{KEYS}a_key_calls_no_model_but_its_own",
    ),
    Bug(
        "a key is rotated as often as one likes",
        f"{AUTH}/keys/store.py",
        'when=is_live & Attr("replaced_by").not_exists(),',
        "when=is_live,",
        f"{KEYS}of_many_rotations_at_once_one_is_made",
    ),
    Bug(
        "a key may do more than its maker",
        f"{AUTH}/keys/service.py",
        "    if not principal.scopes.issuperset(wish.scopes):\n",
        "    if False:\n",
        f"{KEYS}a_key_may_do_no_more_than_its_maker_whether_made_or_rotated",
    ),
    Bug(
        "a route asks for a permission that everybody has",
        f"{AUTH}/audit/routes.py",
        'require("audit:read")',
        'require("account:read")',
        f"{MATRIX}every_route_lets_in_whom_the_rules_let_in[viewer]",
    ),
    Bug(
        "a member acts on in an organization whom it removed",
        "layers/sluice/python/sluice/principal.py",
        '    if member is None or item is None or "closed_ms" in item:\n        return None\n',
        "    member = member or {'role': 'viewer'}\n"
        "    item = item or table.find(f'ACCOUNT#{account}', 'ACCOUNT')\n"
        "    if item is None:\n        return None\n",
        f"{MATRIX}every_route_lets_in_whom_the_rules_let_in[stranger]",
    ),
    Bug(
        "whoever holds an invitation's token is let in",
        f"{AUTH}/invitations/service.py",
        '    if mailbox.login_of(user["email"]) != invitation["login"]:\n',
        "    if False:\n",
        f"{ORGANIZATIONS}a_token_works_once_for_its_address_and_for_seven_days",
    ),
    Bug(
        "the owner can be removed",
        f"{AUTH}/members/store.py",
        'Attr("role").eq(member["role"]) & Attr("role").ne(OWNER)',
        'Attr("role").eq(member["role"])',
        f"{ORGANIZATIONS}nobody_makes_themselves_the_owner_or_removes_the_owner",
    ),
    Bug(
        "a provider's answer is taken from another browser",
        f"{AUTH}/providers/store.py",
        '            & Attr("browser").eq(browser)\n',
        "",
        f"{PROVIDERS}an_answer_counts_once_in_its_browser_for_its_provider_and_for_ten_minutes[google]",
    ),
    Bug(
        "an address that the provider has not verified makes a user",
        f"{AUTH}/providers/clients.py",
        'claims.get("email_verified") is True',
        "True",
        f"{PROVIDERS}an_unverified_address_makes_no_user_and_links_to_none[google]",
    ),
    Bug(
        "a reset leaves a trojan identity",
        f"{AUTH}/passwords/service.py",
        "        *identities.unlink_all(_foreign(user)),\n",
        "",
        f"{PROVIDERS}trojan_identifier_a_reset_unlinks_identities_of_other_mailboxes",
    ),
    Bug(
        "terms that are in force bind nobody",
        "layers/sluice/python/sluice/documents.py",
        "document.effective_ms <= now_ms",
        "document.effective_ms <= 0",
        f"{DOCUMENTS}a_new_version_is_asked_for_at_once_and_binds_from_its_day_on",
    ),
)
