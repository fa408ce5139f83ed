// What an io_context's executor posts: functions as items of its loop. For each flavour, inside its
// namespace in drydock::asio_detail.

/// Memory for an object of type T, from the `allocator` or, if it is the standard one, from the
/// thread's cache.
template <typename T, typename Allocator>
struct ObjectMemory {
    using Rebound = typename std::allocator_traits<Allocator>::template rebind_alloc<T>;
    static constexpr bool standard = std::is_same_v<Rebound, std::allocator<T>>;

    static void* allocate(const Allocator& allocator) {
        if constexpr (standard) {
            static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
            return allocate_operation(sizeof(T));
        } else {
            Rebound rebound(allocator);
            return std::allocator_traits<Rebound>::allocate(rebound, 1);
        }
    }
    static void give_back(const Allocator& allocator, void* memory) noexcept {
        if constexpr (standard) {
            free_operation(memory, sizeof(T));
        } else {
            Rebound rebound(allocator);
            std::allocator_traits<Rebound>::deallocate(rebound, static_cast<T*>(memory), 1);
        }
    }
    template <typename... Arguments>
    static T* make(const Allocator& allocator, Arguments&&... arguments) {
        void* const memory = allocate(allocator);
        try {
            return ::new (memory) T(std::forward<Arguments>(arguments)...);
        } catch (...) {
            give_back(allocator, memory);
            throw;
        }
    }
    static void destroy(const Allocator& allocator, T* object) noexcept {
        object->~T();
        give_back(allocator, object);
    }
};

/// A function that runs on a loop.
template <typename Called, typename Allocator>
class FunctionItem final : public Item {
public:
    FunctionItem(Called&& function, const Allocator& allocator)
        : Item(&FunctionItem::run), function_(std::move(function)), allocator_(allocator) {}
    FunctionItem(const Called& function, const Allocator& allocator)
        : Item(&FunctionItem::run), function_(function), allocator_(allocator) {}

private:
    static void run(Loop* loop, Item& item) {
        auto* const self = static_cast<FunctionItem*>(&item);
        const Allocator allocator(self->allocator_);
        if (loop == nullptr) return ObjectMemory<FunctionItem, Allocator>::destroy(allocator, self);
        // The memory is free again before the function runs, which will often need as much.
        Called function(std::move(self->function_));
        ObjectMemory<FunctionItem, Allocator>::destroy(allocator, self);
        DRYDOCK_NET_INVOKE(function, function);
    }

    Called function_;
    [[no_unique_address]] Allocator allocator_;
};

/// `continues`: the function continues the item that runs now, as Asio's defer() says.
template <typename Function, typename Allocator>
void post_function(Loop& loop, Function&& function, const Allocator& allocator,
                   bool continues = false) {
    using Kept = FunctionItem<std::decay_t<Function>, Allocator>;
    Kept& item = *ObjectMemory<Kept, Allocator>::make(allocator, std::forward<Function>(function),
                                                      allocator);
    continues ? loop.defer(item) : loop.post(item);
}
