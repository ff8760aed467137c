"""Rules broken by hand, each with the test that must see it."""

from tests.planted.access import ACCESS_BUGS
from tests.planted.bug import Bug

LEDGER = "layers/sluice/python/sluice/ledger"
HOLDS = f"{LEDGER}/holds.py"
BUCKETS = f"{LEDGER}/buckets.py"
GRANTS = f"{LEDGER}/grants.py"
TABLE = "layers/sluice/python/sluice/table.py"
PRICES = "layers/sluice/python/sluice/prices.py"
PRINCIPAL = "layers/sluice/python/sluice/principal.py"
JOBS = "functions/inference/jobs"
COMPLETION = f"{JOBS}/completion.py"
ENDING = f"{JOBS}/ending.py"
STORE = f"{JOBS}/store.py"
ACCEPTANCE = f"{JOBS}/acceptance.py"
SUBMISSION = f"{JOBS}/submission.py"
DISPATCH = f"{JOBS}/dispatch.py"
SWEEPER = "functions/inference/sweeper.py"
DOORS = "functions/inference/doors.py"
NOVITA = "functions/inference/novita"
WEBHOOKS = "functions/inference/webhooks"
OPENAI = "functions/inference/openai"

ADDRESSES = "tests/inference/test_webhook_addresses.py::test_"
DELIVERED = "tests/inference/test_webhooks.py::test_"
RULES = "tests/sluice/test_ledger.py::test_"
RACES = "tests/sluice/test_races.py::test_"
TRANSACTIONS = "tests/sluice/test_transactions.py::test_"
FLOW = "functions/inference/flow/store.py"
CAPS = "tests/sluice/test_caps.py::test_"
BUDGETS = "tests/inference/test_budgets.py::test_"
FLOWS = "tests/inference/test_flow.py::test_"
SCENARIO = "tests/simulation/test_scenarios.py::test_a_scenario_ends_as_it_says"
CRASH = "tests/simulation/test_crashes.py::test_a_crash_at_any_call_breaks_no_rule"


BUGS = (
    Bug(
        "a hold does not ask what is available",
        HOLDS,
        'Attr("available").gte(leg.nanos) & Attr("epoch")',
        'Attr("epoch")',
        f"{RACES}64_writers_against_credit_for_k_jobs_admit_exactly_k[25-15-40]",
    ),
    Bug(
        "a hold does not ask for the epoch",
        HOLDS,
        '& Attr("epoch").eq(epoch) & Attr("frozen")',
        '& Attr("frozen")',
        f"{RULES}a_credential_from_before_the_account_was_secured_holds_nothing",
    ),
    Bug(
        "an account takes more slots than it has",
        FLOW,
        "when=free & nobody_waits,",
        "when=nobody_waits,",
        f"{FLOWS}what_has_no_slot_waits_and_is_told_so",
    ),
    Bug(
        "an ended job keeps its slot",
        ENDING,
        "return [flow.give_back(job)] if job.slot_until_ms else []",
        "return []",
        f"{SCENARIO}[chat]",
    ),
    Bug(
        "cancelling frees a slot while the model still works",
        ENDING,
        'return end(job, "canceled", is_given_up=True)',
        'return end(job, "canceled")',
        f"{FLOWS}what_is_cancelled_at_its_model_keeps_its_slot_until_the_model_is_done",
    ),
    Bug(
        "nobody sends what waits when a slot comes free",
        "functions/inference/completed.py",
        "flow.advance(job.account, job.model)",
        "pass",
        f"{FLOWS}who_waits_is_sent_in_order_as_slots_come_free",
    ),
    Bug(
        "a result after the caller's deadline is charged",
        COMPLETION,
        "return job.deadline_s is not None and clock.now_ms() >= job.deadline_ms",
        "return False",
        f"{FLOWS}an_answer_after_the_callers_deadline_is_neither_given_nor_charged",
    ),
    Bug(
        "frozen credit is spent",
        HOLDS,
        ' & Attr("frozen").eq(False)',
        "",
        f"{RULES}frozen_credit_is_not_held_but_what_was_held_can_end",
    ),
    Bug(
        "a revoked or expired grant is spent",
        HOLDS,
        'when = when & Attr("status").eq("active") & Attr("expires_ms").gt(clock.now_ms())',
        "pass",
        f"{RULES}a_grant_that_is_no_more_pays_nothing_whatever_was_planned",
    ),
    Bug(
        "bought credit is spent before grants",
        BUCKETS,
        "(bucket.expires_ms is None, bucket.expires_ms or 0)",
        "(bucket.expires_ms is not None, bucket.expires_ms or 0)",
        f"{RULES}grants_are_spent_before_bought_credit_soonest_expiry_first",
    ),
    Bug(
        "a job may hold again",
        HOLDS,
        'when=absent(),\n        refused=lambda _: Conflict(_SPENT, code="idempotency_key_spent"),',
        "",
        f"{RULES}a_job_holds_once_for_ever",
    ),
    Bug(
        "a hold ends without being open",
        HOLDS,
        'set_=entry,\n        when=Attr("state").eq("open"),\n',
        "set_=entry,\n",
        f"{RULES}a_hold_ends_once",
    ),
    Bug(
        "a charge may exceed its hold",
        HOLDS,
        "if not 0 <= charge_nanos <= held_nanos:",
        "if charge_nanos < 0:",
        f"{RULES}a_charge_outside_the_hold_is_our_error",
    ),
    Bug(
        "a grant is given twice",
        GRANTS,
        'when=absent(),\n            refused=lambda _: Conflict("This grant was given before."),',
        "",
        f"{RULES}a_grant_adds_a_bucket_and_is_given_once",
    ),
    Bug(
        "a plan is resent under a new token",
        TABLE,
        "if self._sent(token):",
        "if self._sent(ids.token(TOKEN_BYTES).hex()):",
        f"{TRANSACTIONS}a_conditional_plan_whose_answer_was_lost_is_no_conflict_with_itself",
    ),
    Bug(
        "contention is taken for success",
        TABLE,
        'if any(reason.get("Code") in _RETRYABLE for reason in reasons):\n            return False',
        'if any(reason.get("Code") in _RETRYABLE for reason in reasons):\n            return True',
        f"{TRANSACTIONS}contention_is_waited_out_with_the_same_token[conflict]",
    ),
    Bug(
        "a hold rounds half to even",
        PRICES,
        "return ceil(self._sum(units))",
        "return round(self._sum(units))",
        "tests/sluice/test_prices.py::test_halves_go_to_the_even_neighbour[1-0]",
    ),
    Bug(
        "a revoked key works for a minute",
        PRINCIPAL,
        "CACHE_MS = 3_000",
        "CACHE_MS = 60_000",
        "tests/sluice/test_principal.py::test_a_revoked_or_expired_key_works_for_three_more_seconds_at_most",
    ),
    Bug(
        "a job ends before its hold does",
        ENDING,
        "return Transaction().add(\n"
        "        store.end(job, status, noted, keeps_slot=keeps_slot),\n",
        "Transaction().add(store.end(job, status, noted, keeps_slot=keeps_slot)).commit()\n"
        "    return Transaction().add(\n",
        f"{CRASH}[picture]",
    ),
    Bug(
        "credit is held before the job exists",
        ACCEPTANCE,
        "    return Transaction().add(store.create(job), *held, *room)",
        "    Transaction().add(store.create(job)).commit()\n"
        "    return Transaction().add(*held, *room)",
        f"{CRASH}[picture]",
    ),
    Bug(
        "a charge before the verdict",
        COMPLETION,
        '    if verdict is not None and verdict.action == "block":\n        blocked',
        "    if verdict is None:\n        blocked",
        f"{SCENARIO}[forbidden answer]",
    ),
    Bug(
        "a picture is published before its verdict",
        COMPLETION,
        "    verdict = _screen(card, job, produced)\n",
        "    _publish(job, produced, output)\n    verdict = _screen(card, job, produced)\n",
        f"{SCENARIO}[forbidden result]",
    ),
    Bug(
        "one picture of several is screened",
        COMPLETION,
        "for made in produced.files if made.file.is_picture]",
        "for made in produced.files[:1] if made.file.is_picture]",
        f"{SCENARIO}[one forbidden of two pictures]",
    ),
    Bug(
        "one part of an input is screened",
        DISPATCH,
        "[_screen_part(part) for part in parts]",
        "[_screen_part(part) for part in parts[-1:]]",
        f"{SCENARIO}[forbidden prompt beside a picture]",
    ),
    Bug(
        "what is forbidden is charged",
        ENDING,
        '        "blocked",\n',
        '        "blocked",\n        charge_nanos=job.held_nanos,\n',
        f"{SCENARIO}[forbidden answer]",
    ),
    Bug(
        "a model reads what nobody screened",
        DISPATCH,
        "    try:\n        verdict = _screen(job, payload)\n",
        "    _invoke(job, payload)\n    try:\n        verdict = _screen(job, payload)\n",
        f"{SCENARIO}[forbidden input]",
    ),
    Bug(
        "a detector that does not answer is taken for consent",
        "layers/sluice/python/sluice/moderation/screen.py",
        "raise _unavailable(fault, source) from fault\n    return guardrail",
        "return []\n    return guardrail",
        f"{SCENARIO}[screening is down]",
    ),
    Bug(
        "a remembered balance is told as 402",
        "functions/inference/jobs/purse.py",
        "if self._snapshot.exact:",
        "if self._snapshot:",
        f"{SCENARIO}[credit that came meanwhile]",
    ),
    Bug(
        "a late result of a cancelled job stays",
        COMPLETION,
        'if job.status != "succeeded" or job.deleted:',
        "if job.deleted:",
        "tests/inference/test_completion.py::test_a_late_output_of_an_expired_job_is_dropped",
    ),
    Bug(
        "the same key makes another job",
        SUBMISSION,
        "if order.idempotency_key is None:\n        return ids.new",
        "if order.idempotency_key:\n        return ids.new",
        f"{SCENARIO}[asked twice]",
    ),
    Bug(
        "nobody looks for what was lost",
        SWEEPER,
        "    try:\n        job = complete(job_id)\n",
        "    try:\n        job = store.find_job(job_id)\n",
        f"{SCENARIO}[lost notice]",
    ),
    Bug(
        "nothing expires",
        SWEEPER,
        "if now_ms >= job.deadline_ms:",
        "if now_ms < 0:",
        f"{SCENARIO}[silent model]",
    ),
    Bug(
        "a result other than the screened one is published",
        "functions/inference/files.py",
        "            CopySourceIfMatch=etag,\n",
        "",
        f"{SCENARIO}[picture that changes once it is screened]",
    ),
    Bug(
        "somebody without credit wakes a model",
        DOORS,
        "        check(principal, order)\n",
        "",
        "tests/inference/test_models.py::test_who_could_not_have_a_job_wakes_nobody",
    ),
    Bug(
        "screening for nothing has no bound",
        f"{OPENAI}/moderations/service.py",
        "store.take(account, ",
        "print(account, ",
        "tests/inference/test_openai_moderations.py::test_it_is_free_within_a_bound",
    ),
    Bug(
        "a compatible door ignores what the model does not know",
        f"{OPENAI}/service.py",
        "    if not unknown:\n        return call.further\n",
        "    if unknown:\n        return {}\n    if True:\n        return call.further\n",
        "tests/inference/test_openai.py::test_what_no_model_honours_is_refused_by_name",
    ),
    Bug(
        "an answer larger than a function's is sent",
        f"{OPENAI}/files.py",
        "if size_bytes > MAX_ANSWER_BYTES:",
        "if size_bytes < 0:",
        "tests/inference/test_openai_audio.py"
        "::test_a_speech_too_long_for_an_answer_is_kept_for_a_link",
    ),
    Bug(
        "a conversion outlives what it was made from",
        "functions/inference/results/conversion.py",
        "if now is None or now.deleted:",
        "if now is None:",
        "tests/inference/test_conversions.py::test_a_deletion_while_it_is_made_leaves_nothing",
    ),
    Bug(
        "Novita's door ignores what the model does not know",
        f"{NOVITA}/inputs.py",
        "if value not in NEUTRAL.get(name, ()):",
        "if value == object():",
        "tests/inference/test_novita_parameters.py"
        "::test_what_the_model_cannot_do_is_refused_by_name",
    ),
    Bug(
        "mock events have no bound",
        f"{NOVITA}/service.py",
        "        rates.take(asker.principal, card)\n",
        "",
        "tests/inference/test_novita_webhooks.py::test_test_mode_counts_as_a_request",
    ),
    Bug(
        "a task that was cancelled is told in a word that clients do not know",
        f"{NOVITA}/results.py",
        'return SUCCEED if job.status == "succeeded" else FAILED',
        'return SUCCEED if job.status == "succeeded" else job.status',
        "tests/inference/test_novita.py::test_a_cancelled_task_has_failed_with_a_reason",
    ),
    Bug(
        "one public address lets the inner ones through",
        f"{WEBHOOKS}/address.py",
        "if not all(map(allowed, parsed)):",
        "if not any(map(allowed, parsed)):",
        f"{ADDRESSES}one_address_inside_among_public_ones_spoils_them_all",
    ),
    Bug(
        "6to4 counts as public",
        f"{WEBHOOKS}/address.py",
        '            "2002::/16",  # 6to4\n',
        "",
        f"{ADDRESSES}a_name_that_leads_inside_is_connected_to_nowhere",
    ),
    Bug(
        "the connection asks for the name again",
        f"{WEBHOOKS}/sender.py",
        "socket.create_connection((pinned, target.port)",
        "socket.create_connection((target.host, target.port)",
        f"{ADDRESSES}a_name_that_changes_after_the_check_is_connected_to_where_it_was_checked",
    ),
    Bug(
        "any answer counts as delivered",
        f"{WEBHOOKS}/runs.py",
        "if _is_success(outcome):",
        "if outcome.status is not None:",
        f"{DELIVERED}redirects_are_failures",
    ),
    Bug(
        "a lane leaves the index while something waits in it",
        f"{WEBHOOKS}/store.py",
        '"gsi1sk": None if left.due_ms is None else f"{left.due_ms:013d}",',
        '"gsi1sk": None,',
        f"{DELIVERED}ten_attempts_are_made_over_75_hours_with_one_id",
    ),
    Bug(
        "what a key made is not remembered",
        "functions/inference/once.py",
        "        if self.key is None:\n            return []\n",
        "        if self.key:\n            return []\n",
        "tests/inference/test_idempotency_elsewhere.py"
        "::test_a_webhook_that_was_deleted_is_not_made_again_nor_its_secret_shown",
    ),
    Bug(
        "a rotation takes the old secret away at once",
        f"{WEBHOOKS}/signing.py",
        "return [current, self._key(self.version - 1)] if self.overlap_until_ms else [current]",
        "return [current]",
        f"{DELIVERED}after_a_rotation_both_secrets_sign_for_a_day",
    ),
    Bug(
        "a budget is not asked for what it has used",
        f"{LEDGER}/caps.py",
        'Attr("used").lte(cap.limit_nanos - nanos)',
        'Attr("used").gte(0)',
        f"{CAPS}64_writers_under_a_cap_of_k_admit_exactly_k",
    ),
    Bug(
        "a budget is not given back what a hold did not come to",
        HOLDS,
        "[give_back(table, pk, rest) for pk in caps if rest]",
        "[]",
        f"{CAPS}what_a_hold_did_not_come_to_may_be_spent_again[0-7]",
    ),
    Bug(
        "a job forgets which budgets it counts in",
        ENDING,
        'noted["charged_nanos"], job.caps)',
        'noted["charged_nanos"])',
        f"{BUDGETS}a_job_that_is_not_charged_leaves_the_budget_as_it_was[canceled]",
    ),
    Bug(
        "a member's budget does not bound the member's keys",
        "layers/sluice/python/sluice/principal.py",
        "for each in (self.budget, self.member_budget) if",
        "for each in (self.budget,) if",
        f"{BUDGETS}a_member_and_the_members_keys_spend_one_budget_and_a_key_its_own_besides",
    ),
    Bug(
        "a key that is made while its maker's budget changes escapes it",
        "functions/auth/members/budgets.py",
        'Attr("budget").not_exists() if budget is None else Attr("budget").eq(budget)',
        'Attr("role").exists() | Attr("role").not_exists()',
        "tests/auth/test_member_budgets.py"
        "::test_a_key_that_is_made_while_the_budget_changes_does_not_escape_it",
    ),
    Bug(
        "a key's own rate is not asked",
        "functions/inference/rates/store.py",
        "if principal.rate_per_minute is not None:",
        "if principal.rate_per_minute == 0:",
        "tests/inference/test_rates.py"
        "::test_a_key_with_a_rate_of_its_own_asks_all_models_together_that_often",
    ),
    *ACCESS_BUGS,
)
