import { Button } from "@mantine/core";

import { texts } from "../texts";

/** The next page of a list, while there is one. */
export function More({ of }: {
  of: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
}) {
  if (!of.hasNextPage) return null;
  return (
    <Button
      variant="default"
      w="fit-content"
      loading={of.isFetchingNextPage}
      onClick={() => void of.fetchNextPage()}
    >
      {texts.common.more}
    </Button>
  );
}
