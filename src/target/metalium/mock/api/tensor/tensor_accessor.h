/* page number -> address on the network */
#pragma once
#include "api/tensor/tensor_accessor_args.h"
struct TensorAccessor {
    template <uint32_t CTA, uint32_t CRTA>
    TensorAccessor(const TensorAccessorArgs<CTA, CRTA> &, uint32_t address,
                   uint32_t page_size = TensorAccessorArgs<CTA, CRTA>::AlignedPageSize)
        : base(address), page(page_size), is_dram(TensorAccessorArgs<CTA, CRTA>::is_dram)
    {
    }
    uint32_t get_aligned_page_size() const { return page; }
    uint64_t get_noc_addr(uint32_t page_id, uint32_t offset = 0, HERE) const
    {
        mock::at(line);
        return mock::dram_addr(base, page, is_dram, page_id, offset);
    }
    uint32_t base, page;
    bool is_dram;
};
